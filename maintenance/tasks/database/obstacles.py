"""What stood in the way or will: collected from all threads, then reported as findings with the exact fix."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

from psycopg import sql

from maintenance.rules.amounts import count, duration
from maintenance.rules.vacuum_need import TableState, Thresholds
from maintenance.task import Context, Sighting
from maintenance.tasks.database.blockers import Blocker
from maintenance.tasks.database.survey import Server

NO_PRIVILEGE: Final = "no_privilege"
LOCKED: Final = "locked"
XMIN_HOLDER: Final = "xmin_holder"
OVER_BUDGET: Final = "over_budget"
AUTOVACUUM_OFF: Final = "autovacuum_off"
AGE: Final = "transaction_age"
PARENT_NOT_ANALYZED: Final = "parent_not_analysed"
# Characters that a finding's subject and title may have.
LONGEST: Final = 300
STOPS_AT: Final = "The server accepts no more writes shortly before 2,147,483,648."
KINDS: Final = frozenset({NO_PRIVILEGE, LOCKED, XMIN_HOLDER, OVER_BUDGET, AUTOVACUUM_OFF, AGE, PARENT_NOT_ANALYZED})


@dataclass
class _Held:
    """Tables that one holder keeps from being vacuumed."""

    blocker: Blocker
    tables: list[str] = field(default_factory=list)


class Obstacles:
    """Gathers sightings; the same kind and subject is reported once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = Lock()
        self._sightings: dict[tuple[str, str], Sighting] = {}
        self._held: dict[str, _Held] = {}

    def report(self, context: Context) -> int:
        """Report everything that was gathered; returns how many findings that are."""
        with self._lock:
            sightings = [*self._sightings.values(), *(_held(held) for held in self._held.values())]
        for sighting in sightings:
            short = replace(sighting, subject=sighting.subject[:LONGEST], title=sighting.title[:LONGEST])
            context.find(short)
        return len(sightings)

    def no_privilege(self, table: str, schema: str, owner: str, *, may_use_schema: bool) -> None:
        """Our role may not vacuum or analyse the table."""
        role = _identifier(self._server.user)
        grants = [] if may_use_schema else [f"GRANT USAGE ON SCHEMA {_identifier(schema)} TO {role};"]
        if self._server.number >= 170000:
            grants.append(f"GRANT MAINTAIN ON TABLE {table} TO {role};")
            for_all = f"GRANT pg_maintain TO {role}; covers every table."
        else:
            grants.append(f"GRANT {_identifier(owner)} TO {role};")
            for_all = "Before PostgreSQL 17 only the owner of a table, or of the database, may vacuum it."
        detail = f"Role {self._server.user} may not maintain it. {for_all}"
        self._add(Sighting(NO_PRIVILEGE, table, f"No privilege to vacuum {table}", "medium", detail, "\n".join(grants)))

    def locked(self, table: str, blocker: Blocker | None) -> None:
        """Somebody had the table locked, again at the end of the run."""
        who = blocker.who if blocker else "a session that has ended since"
        fix = blocker.fix if blocker else "Run it again."
        self._add(
            Sighting(LOCKED, table, f"A lock kept {table} from being vacuumed", "medium", f"Locked by {who}.", fix)
        )

    def held(self, table: str, blocker: Blocker) -> None:
        """Something keeps dead rows of the table from being removed."""
        with self._lock:
            self._held.setdefault(blocker.subject, _Held(blocker)).tables.append(table)

    def over_budget(self, table: str, seconds: float) -> None:
        """The table needs more time than one table gets."""
        detail = (
            f"Its VACUUM was stopped after {duration(seconds)}. Raise the limit for one table, or do it by hand once."
        )
        self._add(
            Sighting(
                OVER_BUDGET, table, f"VACUUM of {table} takes longer than it may", "medium", detail, f"VACUUM {table};"
            )
        )

    def autovacuum_off_for(self, table: str) -> None:
        """A table that needed a vacuum has autovacuum switched off."""
        detail = "It needed a vacuum now, and nothing but this task does it."
        fix = f"ALTER TABLE {table} RESET (autovacuum_enabled);"
        self._add(Sighting(AUTOVACUUM_OFF, table, f"Autovacuum is switched off for {table}", "medium", detail, fix))

    def server_settings(self) -> None:
        """Autovacuum, or the counting it relies on, is switched off for the whole server."""
        for name, on, detail in (
            ("autovacuum", self._server.autovacuum, "Dead rows and transaction ages grow until this task runs."),
            (
                "track_counts",
                self._server.counts_rows,
                "Nobody knows which tables need a vacuum: the counters stand still.",
            ),
        ):
            if not on:
                fix = f"ALTER SYSTEM SET {name} = on;\nSELECT pg_reload_conf();"
                self._add(
                    Sighting(AUTOVACUUM_OFF, "server", f"{name} is switched off on the server", "high", detail, fix)
                )

    def age(self, table: TableState, limits: Thresholds, *, critical: bool) -> None:
        """A table's age is over its limit after all that was done."""
        name, what, age, limit = table.name, "transaction", table.xid_age, limits.freeze
        if table.mxid_age > limits.multixact:
            what, age, limit = "multixact", table.mxid_age, limits.multixact
        title = f"The {what} age of {name} is over its limit"
        detail = f"Its age is {age:,}, and autovacuum has to act at {limit:,}. {STOPS_AT}"
        self._add(Sighting(AGE, name, title, "critical" if critical else "high", detail, f"VACUUM (FREEZE) {name};"))

    def database_age(self, database: str, age: int, limit: int, *, critical: bool) -> None:
        """Another database of the server is too old as a whole."""
        title = f"The transaction age of database {database} is over its limit"
        detail = f"Its age is {age:,}, and autovacuum has to act at {limit:,}. {STOPS_AT}"
        fix = f"-- as a superuser, connected to database {_identifier(database)}:\nVACUUM (FREEZE);"
        self._add(Sighting(AGE, f"database {database}", title, "critical" if critical else "high", detail, fix))

    def parent_not_analyzed(self, table: str, why: str) -> None:
        """A partitioned table has no statistics of its own."""
        detail = f"Autovacuum never analyses partitioned tables, and this run could not: {why}."
        self._add(
            Sighting(
                PARENT_NOT_ANALYZED, table, f"{table} was never analysed as a whole", "low", detail, f"ANALYZE {table};"
            )
        )

    def _add(self, sighting: Sighting) -> None:
        with self._lock:
            self._sightings[sighting.kind, sighting.subject] = sighting


def _held(held: _Held) -> Sighting:
    first, more = held.tables[0], len(held.tables) - 1
    what = f"{first} and {count(more, 'more table')}" if more else first
    return Sighting(
        XMIN_HOLDER,
        held.blocker.subject,
        f"An old snapshot holds back the vacuum of {what}",
        "high",
        f"Held by {held.blocker.who}. Tables: {', '.join(held.tables)}.",
        held.blocker.fix,
    )


def _identifier(name: str) -> str:
    return sql.Identifier(name).as_string()
