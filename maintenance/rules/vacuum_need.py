"""Which tables need VACUUM or ANALYZE, why, and which of them first. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from maintenance.rules.amounts import count

# From here on a table's transaction age is close enough to the limit to be brought down in a quiet hour.
NEAR_FREEZE: Final = 0.9
# Ages that endanger the whole database, whatever autovacuum is set to.
CRITICAL_AGE: Final = 1_000_000_000
CRITICAL_SHARE_OF_FAILSAFE: Final = 0.75
# What PostgreSQL reads as false in a storage parameter.
OFF: Final = frozenset({"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"})


@dataclass(frozen=True)
class AutovacuumSettings:
    """The server's autovacuum parameters; `vacuum_max_threshold` is None before PostgreSQL 18, negative for none."""

    vacuum_threshold: float
    vacuum_scale_factor: float
    insert_threshold: float
    insert_scale_factor: float
    analyze_threshold: float
    analyze_scale_factor: float
    freeze_max_age: int
    multixact_freeze_max_age: int
    failsafe_age: int
    vacuum_max_threshold: float | None = None


@dataclass(frozen=True)
class TableState:
    """What the server knows of a table (or materialised view). Counts are the server's estimates.

    `rows` and `pages` are as of the last VACUUM or ANALYZE; `frozen` is the share of all-frozen pages (0 before
    PostgreSQL 18, which counts them); `options` are its storage parameters; `root` is the topmost partitioned table
    that it belongs to. Ages include its TOAST table.
    """

    oid: int
    schema: str
    table: str
    name: str
    dead: int
    live: int
    modified: int
    inserted: int
    rows: float
    pages: int
    frozen: float
    xid_age: int
    mxid_age: int
    may_maintain: bool
    options: Mapping[str, str]
    last_vacuum: dt.datetime | None
    last_analyze: dt.datetime | None
    root: int | None = None


@dataclass(frozen=True)
class Thresholds:
    """Autovacuum's limits for one table, its storage parameters included; `insert` None: switched off."""

    vacuum: float
    insert: float | None
    analyze: float
    freeze: int
    multixact: int


class Urgency(IntEnum):
    """What may wait and what may not."""

    INSERTS = 1
    DEAD_ROWS = 2
    AGE = 3
    OVER_AGE = 4
    CRITICAL_AGE = 5


@dataclass(frozen=True)
class Need:
    """A table that needs VACUUM, with the reasons in words. `analyze` is False where its parent's ANALYZE covers it."""

    table: TableState
    urgencies: frozenset[Urgency]
    reasons: tuple[str, ...]
    analyze: bool = True

    @property
    def urgency(self) -> Urgency:
        """The most pressing reason."""
        return max(self.urgencies)


def thresholds(settings: AutovacuumSettings, table: TableState) -> Thresholds:
    """Autovacuum's effective limits, as PostgreSQL's relation_needs_vacanalyze computes them."""

    def option(name: str, default: float) -> float:
        return float(table.options.get(f"autovacuum_{name}", default))

    rows = max(0.0, table.rows)
    vacuum = option("vacuum_threshold", settings.vacuum_threshold)
    vacuum += option("vacuum_scale_factor", settings.vacuum_scale_factor) * rows
    limit = settings.vacuum_max_threshold
    if limit is not None:
        limit = option("vacuum_max_threshold", limit)
        vacuum = min(vacuum, limit) if limit >= 0 else vacuum
    insert = option("vacuum_insert_threshold", settings.insert_threshold)
    factor = option("vacuum_insert_scale_factor", settings.insert_scale_factor)
    analyze = option("analyze_threshold", settings.analyze_threshold)
    analyze += option("analyze_scale_factor", settings.analyze_scale_factor) * rows
    return Thresholds(
        vacuum=vacuum,
        insert=None if insert < 0 else insert + factor * rows * (1 - table.frozen),
        analyze=analyze,
        # A table's own limit counts only where it is the stricter one.
        freeze=int(min(settings.freeze_max_age, option("freeze_max_age", settings.freeze_max_age))),
        multixact=int(
            min(
                settings.multixact_freeze_max_age, option("multixact_freeze_max_age", settings.multixact_freeze_max_age)
            )
        ),
    )


def vacuum_need(settings: AutovacuumSettings, table: TableState, min_dead: int) -> Need | None:
    """Why a table needs VACUUM: dead rows over `min_dead` or over autovacuum's own limit, inserts, or its age."""
    limits = thresholds(settings, table)
    urgency, reasons = _age_need(settings, table, limits)
    found = {urgency} if urgency else set()
    if table.dead > min(min_dead, limits.vacuum):
        found.add(Urgency.DEAD_ROWS)
        over = "" if table.dead > limits.vacuum else "not "
        reasons.append(f"{count(table.dead, 'dead row')}, {over}over autovacuum's limit of {limits.vacuum:,.0f}")
    if limits.insert is not None and table.inserted > limits.insert:
        found.add(Urgency.INSERTS)
        reasons.append(f"{count(table.inserted, 'row')} inserted since its last VACUUM")
    return Need(table, frozenset(found), tuple(reasons)) if found else None


def _age_need(settings: AutovacuumSettings, table: TableState, limits: Thresholds) -> tuple[Urgency | None, list[str]]:
    reasons = []
    for age, limit, what in (
        (table.xid_age, limits.freeze, "transaction"),
        (table.mxid_age, limits.multixact, "multixact"),
    ):
        if age > NEAR_FREEZE * limit:
            reasons.append(f"{what} age {age:,} of {limit:,}")
    if not reasons:
        return None, reasons
    if age_is_critical(settings, table.xid_age, table.mxid_age):
        return Urgency.CRITICAL_AGE, reasons
    over = table.xid_age > limits.freeze or table.mxid_age > limits.multixact
    return (Urgency.OVER_AGE if over else Urgency.AGE), reasons


def age_is_critical(settings: AutovacuumSettings, xid_age: int, mxid_age: int = 0) -> bool:
    """Whether an age endangers the database: over a thousand million, or over three quarters of the failsafe age."""
    return max(xid_age, mxid_age) > min(CRITICAL_AGE, CRITICAL_SHARE_OF_FAILSAFE * settings.failsafe_age)


def in_order(needs: Iterable[Need], waited: frozenset[str] = frozenset()) -> list[Need]:
    """Largest need first: what endangers the database, then most dead rows, then largest.

    Of the same danger those go first that `waited` since the last run for want of time: large tables that always come
    first must not keep small ones from ever being done.
    """

    def rank(need: Need) -> tuple[int, bool, int, int, str]:
        table = need.table
        return (-_class(need), table.name not in waited, -table.dead, -table.pages, table.name)

    return sorted(needs, key=rank)


def _class(need: Need) -> int:
    """Dead rows and plain inserts are one class: their order is by number."""
    return max(need.urgency, Urgency.DEAD_ROWS)


def needs_analyze(settings: AutovacuumSettings, table: TableState) -> bool:
    """Whether the planner's statistics are out of date.

    A table that was never analysed or vacuumed as far as the counters know (they are lost in a crash) counts too:
    its dead rows read 0 whatever they are, and ANALYZE counts them anew.
    """
    if table.last_analyze is None and table.last_vacuum is None:
        return table.pages > 0 or table.live > 0 or table.rows < 0 or table.modified > 0
    return table.modified > thresholds(settings, table).analyze


def parent_is_stale(
    analyzed: dt.datetime | None, members_analyzed: dt.datetime | None, *, members_change: bool
) -> bool:
    """Whether a partitioned table needs ANALYZE: its partitions did, since its own or in this run.

    `members_analyzed` is autovacuum's latest ANALYZE of a partition; `members_change`: one is over its own limit now.
    """
    if analyzed is None or members_change:
        return True
    return members_analyzed is not None and members_analyzed > analyzed


def autovacuum_is_off(table: TableState) -> bool:
    """Whether the table's own storage parameters keep autovacuum away."""
    return table.options.get("autovacuum_enabled", "true").lower() in OFF
