"""What the generated runs find wrong, and the life of each finding from run to run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from maintenance.models import Finding, FindingSighting
from maintenance.rules.alerting import is_news
from maintenance.rules.finding_states import after_sighting
from maintenance.rules.vacuum_verdict import Result
from maintenance.tasks.database import obstacles
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.asked import Asked
from zbmaint.dashboard.demo.copying import Row, copy_rows, take_ids
from zbmaint.dashboard.demo.period import DAY, Period
from zbmaint.dashboard.demo.targets import PLATFORM, REPORTS, Database

TASK = "database_maintenance"
FIELDS = (
    *("id", "task", "target", "kind", "subject", "title", "detail", "fix", "severity", "state", "first_seen_at"),
    *("last_seen_at", "resolved_at", "accepted_until", "accepted_by", "accepted_reason"),
)
Shares = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Obstacle:
    """Something wrong on `database` during `times` (shares of the period; none: seen by the last run alone).

    `result` is what it makes of the VACUUM of `table`; `who` stands in the way.
    """

    database: Database
    kind: str
    subject: str
    title: str
    severity: str
    detail: str
    fix: str
    times: Shares
    table: str = ""
    result: Result | None = None
    who: str = ""
    accepted_from: float | None = None
    accepted_days: int = 45  # after today; negative: the acceptance has ended
    accepted_reason: str = ""


BI, PSQL = "pid 20418 (metabase, reporting), active for 2 h 05 min", "pid 4711 (psql, n.khumalo), idle in transaction"
OBSTACLES = (
    Obstacle(
        database=PLATFORM,
        kind=obstacles.XMIN_HOLDER,
        subject="session of reporting, metabase",
        title="An old snapshot holds back the vacuum of public.posts",
        severity="high",
        detail=f"Held by {BI}. Tables: public.posts.",
        fix="SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = 20418;",
        times=((0.2, 0.31), (0.74, 0.8)),
        table="public.posts",
        result=Result.HELD,
        who=BI,
    ),
    Obstacle(
        database=PLATFORM,
        kind=obstacles.OVER_BUDGET,
        subject="public.events",
        title="VACUUM of public.events takes longer than it may",
        severity="medium",
        detail="Its VACUUM was stopped after 20 min 00 s. Raise the limit for one table, or do it by hand once.",
        fix="VACUUM public.events;",
        times=((0.42, 0.47),),
        table="public.events",
        result=Result.TIMED_OUT,
        who="after its budget of 20 min 00 s",
    ),
    Obstacle(
        database=PLATFORM,
        kind=obstacles.LOCKED,
        subject="public.notifications",
        title="A lock kept public.notifications from being vacuumed",
        severity="medium",
        detail=f"Locked by {PSQL}.",
        fix="SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = 4711;",
        times=(),
        table="public.notifications",
        result=Result.LOCKED,
        who=PSQL,
    ),
    Obstacle(
        database=REPORTS,
        kind=obstacles.AUTOVACUUM_OFF,
        subject="public.exports",
        title="Autovacuum is switched off for public.exports",
        severity="medium",
        detail="It needed a vacuum now, and nothing but this task does it.",
        fix="ALTER TABLE public.exports RESET (autovacuum_enabled);",
        times=((0.55, 1.1),),
    ),
    Obstacle(
        database=REPORTS,
        kind=obstacles.NO_PRIVILEGE,
        subject="public.audit_log",
        title="No privilege to vacuum public.audit_log",
        severity="medium",
        detail="Role zbmaint may not maintain it. Before PostgreSQL 17 only a table's owner may.",
        fix="GRANT auditors TO zbmaint;",
        times=((0.1, 1.1),),
        table="public.audit_log",
        result=Result.NO_PRIVILEGE,
        accepted_from=0.5,
        accepted_reason="The auditors vacuum their table themselves, every Saturday.",
    ),
    Obstacle(
        database=REPORTS,
        kind=obstacles.AGE,
        subject="public.audit_log",
        title="The transaction age of public.audit_log is over its limit",
        severity="critical",
        detail=f"Its age is 1,604,338,118, and autovacuum has to act at 200,000,000. {obstacles.STOPS_AT}",
        fix="VACUUM (FREEZE) public.audit_log;",
        times=((0.83, 1.1),),
    ),
    Obstacle(
        database=REPORTS,
        kind=obstacles.PARENT_NOT_ANALYZED,
        subject="public.daily_figures",
        title="public.daily_figures was never analysed as a whole",
        severity="low",
        detail="Autovacuum never analyses partitioned tables, and this run could not: its budget had ended.",
        fix="ANALYZE public.daily_figures;",
        times=((0.3, 1.1),),
    ),
    Obstacle(
        database=REPORTS,
        kind=obstacles.AUTOVACUUM_OFF,
        subject="public.subscriptions",
        title="Autovacuum is switched off for public.subscriptions",
        severity="medium",
        detail="It needed a vacuum now, and nothing but this task does it.",
        fix="ALTER TABLE public.subscriptions RESET (autovacuum_enabled);",
        times=((0.4, 1.1),),
        accepted_from=0.6,
        accepted_days=-1,
        accepted_reason="The import switches it off; to be looked at again when the import has moved.",
    ),
)


@dataclass(frozen=True)
class Changes:
    """What a run changed that people are told of, as far as alerts name it: findings that are news, and gone ones."""

    news: list[Finding] = field(default_factory=list)
    gone: list[Finding] = field(default_factory=list)


@dataclass
class _Life:
    """A finding as it is now. `runs` saw it."""

    state: str
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    number: int
    resolved_at: dt.datetime | None = None
    accepted: bool = False


class Findings:
    """Follows every obstacle through the runs, which come in the order of their time."""

    def __init__(self, period: Period, targets: dict[str, int], owner: Person) -> None:
        self._period = period
        self._targets = targets
        self._owner = owner
        self._first = take_ids(Finding, len(OBSTACLES))
        self._lives: dict[Obstacle, _Life] = {}
        self._sightings: list[Row] = []
        self._changes = Changes()

    def seen_by(self, asked: Asked) -> list[Obstacle]:
        """What a run would find."""
        share = self._period.share(asked.at)
        return [
            obstacle
            for obstacle in OBSTACLES
            if obstacle.database is asked.database
            and (any(begin <= share < end for begin, end in obstacle.times) if obstacle.times else asked.last)
        ]

    def record(
        self, run: int, at: dt.datetime, database: Database, seen: list[Obstacle]
    ) -> tuple[list[dict[str, Any]], Changes]:
        """Record what `run`, complete, has seen; what it has not seen is resolved.

        Returns what was seen as a report has it, and what people are told of.
        """
        self._changes = Changes()
        found = [self._see(obstacle, run, at) for obstacle in seen]
        for obstacle, life in self._lives.items():
            if obstacle.database is database and obstacle not in seen and life.state != Finding.State.RESOLVED:
                life.state, life.resolved_at = Finding.State.RESOLVED, at
                self._changes.gone.append(self._named(obstacle, life))
        return found, self._changes

    def _see(self, obstacle: Obstacle, run: int, at: dt.datetime) -> dict[str, Any]:
        life, before = self._lives.get(obstacle), None
        if life is None:
            number = self._first + OBSTACLES.index(obstacle)
            life = self._lives[obstacle] = _Life(Finding.State.NEW, at, at, number)
        else:
            before = (life.state, obstacle.severity)
            self._accept(obstacle, life, at)
            came_back = life.state == Finding.State.RESOLVED
            life.state = after_sighting(life.state, self._until(obstacle) if life.accepted else None, at.date())
            life.first_seen_at = at if came_back else life.first_seen_at
        life.last_seen_at, life.resolved_at = at, None
        if is_news(life.state, obstacle.severity, before):
            self._changes.news.append(self._named(obstacle, life))
        self._sightings.append((life.number, run, life.state, obstacle.severity))
        names = ("kind", "subject", "title", "severity", "detail", "fix")
        told = {name: getattr(obstacle, name) for name in names}
        return told | {"state": life.state, "first_seen": life.first_seen_at.isoformat()}

    def _named(self, obstacle: Obstacle, life: _Life) -> Finding:
        names = ("kind", "subject", "title", "severity", "detail", "fix")
        facts = {name: getattr(obstacle, name) for name in names}
        return Finding(pk=life.number, task=TASK, target_id=self._targets[obstacle.database.database], **facts)

    def _until(self, obstacle: Obstacle) -> dt.date:
        # Counted from today, whatever the length of the period.
        return (self._period.today + obstacle.accepted_days * DAY).date()

    def _accept(self, obstacle: Obstacle, life: _Life, at: dt.datetime) -> None:
        accepted_from = obstacle.accepted_from
        if accepted_from is not None and not life.accepted and self._period.share(at) >= accepted_from:
            life.accepted, life.state = True, Finding.State.ACCEPTED

    def write_sightings(self) -> int:
        """Write the sightings so far."""
        written = copy_rows(FindingSighting, ("finding", "run", "state", "severity"), self._sightings)
        self._sightings = []
        return written

    def write(self) -> int:
        """Write the findings as they are after the last run."""
        return copy_rows(Finding, FIELDS, self._rows())

    def _rows(self) -> Iterable[Row]:
        for obstacle, life in self._lives.items():
            accepted = (
                (self._until(obstacle), self._owner.pk, obstacle.accepted_reason) if life.accepted else (None, None, "")
            )
            yield (
                *(life.number, TASK, self._targets[obstacle.database.database], obstacle.kind, obstacle.subject),
                *(obstacle.title, obstacle.detail, obstacle.fix, obstacle.severity, life.state, life.first_seen_at),
                *(life.last_seen_at, life.resolved_at, *accepted),
            )
