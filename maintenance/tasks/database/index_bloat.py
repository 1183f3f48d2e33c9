"""Index bloat, measured by the extension pgstattuple: largest indexes first, within limits of size, number and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import count, size
from maintenance.rules.reindex_policy import DEFAULT_FILL, Limits, Measured, density, is_bloated
from maintenance.task import Severity
from maintenance.tasks.database.clock import Clock
from maintenance.tasks.database.index_record import IndexRecord, waited
from maintenance.tasks.database.index_survey import Index
from maintenance.tasks.database.part import Examination, NotMeasured, Part
from maintenance.tasks.database.statements import cancellation, first_line, raise_if_lost
from maintenance.tasks.database.survey import Server, rows

BLOATED: Final = "index_bloat"
# Of more indexes the largest are measured.
MOST: Final = 500
WORTH_MORE: Final = 1 << 30

FUNCTION: Final = """
SELECT n.nspname AS schema, p.proname AS function, has_schema_privilege(n.oid, 'USAGE') AS may_use_schema,
       has_function_privilege(p.oid, 'EXECUTE') AS may_execute
FROM pg_extension e
     JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
                     AND d.classid = 'pg_proc'::regclass
     JOIN pg_proc p ON p.oid = d.objid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE e.extname = 'pgstattuple' AND p.proname = 'pgstatindex' AND p.proargtypes[0] = 'regclass'::regtype
"""
AVAILABLE: Final = "SELECT 1 FROM pg_available_extensions WHERE name = 'pgstattuple'"

FILL: Final = """
SELECT c.oid::int8 AS oid, coalesce((SELECT option_value::float8 FROM pg_options_to_table(c.reloptions)
                                     WHERE option_name = 'fillfactor'), %(usual)s) AS fill
FROM pg_class c WHERE c.oid = ANY(%(oids)s)
"""


@dataclass(frozen=True)
class Reach:
    """How much is read to measure bloat: indexes up to `largest` bytes, all within `seconds`."""

    largest: int
    seconds: float


@dataclass(frozen=True)
class Bloated:
    """An index that is emptier than the policy allows."""

    index: Index
    measured: Measured


class Bloat:
    """Measures. What is to be rebuilt in the same run is no finding yet: with `report` False it is only kept in
    `bloated`, largest gain first."""

    def __init__(self, record: IndexRecord, clock: Clock, limits: Limits, reach: Reach, *, report: bool) -> None:
        self._record = record
        self._clock = clock
        self._limits = limits
        self._reach = reach
        self._report = report
        self.bloated: list[Bloated] = []
        self.was_measured = False

    @property
    def part(self) -> Part:
        """The part."""
        return Part("index_bloat", "Index bloat", frozenset({BLOATED}), self._look)

    def _look(self, examination: Examination) -> str:
        session = examination.session
        function = _pgstatindex(session, examination.server)
        self.was_measured = True
        indexes = self._record.indexes(session)
        for table in indexes.left_out:
            examination.not_measured(f"indexes of {table}", "the table is locked against everybody")
        candidates = [index for index in indexes.all if _is_measurable(index) and index.bytes >= self._limits.min_bytes]
        first = waited(examination.context.previous_report)
        candidates.sort(key=lambda index: (index.name not in first, -index.bytes, index.name))
        measured = self._measure_all(examination, function, candidates)
        self.bloated.sort(key=lambda one: (one.index.name not in first, -one.measured.reclaimable, one.index.name))
        self._record.state("bloated", [as_row(one) for one in self.bloated])
        for one in self.bloated:
            examination.context.log(f"{one.index.name}: {describe(one)}")
            if self._report:
                find(examination, one)
        least = size(self._limits.min_bytes)
        return f"{len(self.bloated):,} of {count(measured, 'index', 'indexes')} from {least} on are bloated"

    def _measure_all(self, examination: Examination, function: sql.Identifier, candidates: list[Index]) -> int:
        """Measure one after the other; returns how many could be."""
        fills = {
            row["oid"]: row["fill"]
            for row in rows(
                examination.session, FILL, {"usual": DEFAULT_FILL, "oids": [index.oid for index in candidates]}
            )
        }
        until = self._clock.seconds + self._reach.seconds
        done, late = 0, []
        for number, index in enumerate(candidates):
            examination.context.check()
            if index.bytes > self._reach.largest:
                examination.not_measured(index.name, f"it is larger than {size(self._reach.largest)}")
                continue
            allowance = self._clock.allow(self._reach.seconds, until)
            if allowance is None or number >= MOST:
                late.append(index.name)
                continue
            try:
                found = _measure(examination, function, index, allowance.milliseconds)
            except psycopg.errors.QueryCanceled:
                late.append(index.name)
                continue
            except psycopg.Error as problem:
                raise_if_lost(examination.session, problem)
                # Dropped, locked, of another session, or damaged: the others can be measured nevertheless.
                examination.not_measured(index.name, first_line(problem))
                continue
            done += 1
            measured = Measured(index.bytes, density(**found), fills.get(index.oid, DEFAULT_FILL))
            if is_bloated(measured, self._limits):
                self.bloated.append(Bloated(index, measured))
        for name in late:
            self._record.wait(name)
        if late:
            examination.not_measured(count(len(late), "index", "indexes"), "out of time; the next run begins with them")
        return done


def describe(one: Bloated) -> str:
    """Its size, how full it is, and what a rebuild would give back, in words."""
    gain = size(one.measured.reclaimable)
    return f"{size(one.measured.bytes)}, {one.measured.density:.0f} % full; a rebuild gives back about {gain}"


def find(examination: Examination, one: Bloated, why_left: str = "") -> None:
    """Report a bloated index, with the reason why it was left as it is."""
    name, severity = one.index.name, severity_of(one)
    examination.find(BLOATED, name, title_of(one), severity, detail=detail_of(one, why_left), fix=fix_of(one))


def severity_of(one: Bloated) -> Severity:
    """By what a rebuild would give back."""
    return "medium" if one.measured.reclaimable >= WORTH_MORE else "low"


def title_of(one: Bloated) -> str:
    """What people read first."""
    return f"{one.index.name} is only {one.measured.density:.0f} % full"


def detail_of(one: Bloated, why_left: str = "") -> str:
    """What it costs, and why it was left as it is."""
    return f"It takes {describe(one)}." + (f" Not rebuilt: {why_left}." if why_left else "")


def fix_of(one: Bloated) -> str:
    """The statement for a person."""
    return f"REINDEX INDEX CONCURRENTLY {one.index.name};"


def as_row(one: Bloated) -> dict[str, object]:
    """Its row in the report."""
    return {
        "index": one.index.name,
        "table": one.index.table,
        "bytes": one.measured.bytes,
        "density": round(one.measured.density, 1),
        "fill_factor": one.measured.fill,
        "reclaimable_bytes": one.measured.reclaimable,
    }


def _is_measurable(index: Index) -> bool:
    return index.method == "btree" and index.valid and not index.partitioned


def _pgstatindex(session: Session, server: Server) -> sql.Identifier:
    """The function in the extension's own schema; NotMeasured when the extension is absent or closed to our role."""
    found = rows(session, FUNCTION)
    create = f"CREATE EXTENSION pgstattuple; in database {server.database} as superuser changes that"
    if not found:
        if not rows(session, AVAILABLE):
            create = f"once the server has its contrib package (postgresql-contrib), {create}"
        raise NotMeasured(f"the extension pgstattuple is not installed; {create}")
    function, role = found[0], sql.Identifier(server.user).as_string()
    if not function["may_execute"]:
        raise NotMeasured(
            f"role {server.user} may not use pgstattuple; GRANT pg_stat_scan_tables TO {role}; changes that"
        )
    if not function["may_use_schema"]:
        schema = sql.Identifier(function["schema"]).as_string()
        raise NotMeasured(
            f"role {server.user} may not use the schema of pgstattuple; "
            f"GRANT USAGE ON SCHEMA {schema} TO {role}; changes that"
        )
    return sql.Identifier(function["schema"], function["function"])


def _measure(examination: Examination, function: sql.Identifier, index: Index, timeout: int) -> dict[str, Any]:
    """Ask for one index. QueryCanceled when there was not enough time."""
    call = sql.SQL(
        "SELECT avg_leaf_density AS leaf_percent, leaf_pages, empty_pages, deleted_pages FROM {}({}::oid::regclass)"
    ).format(function, index.oid)
    with cancellation(examination.context):
        examination.session.execute(sql.SQL("SET statement_timeout = {}").format(timeout))
        # Without parameters: a percent sign in the name of the schema is one.
        found = examination.session.execute(call, prepare=False).fetchone()
    if found is None:
        raise NotMeasured("pgstatindex says nothing")
    return found
