"""The tickets of the generated runs and outages: which alerts the one door would have led to which, and what people did
to them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from incidents.actions.intake import BY_ITSELF
from incidents.intake.alert import Alert, Reference
from incidents.rules import keys, severities
from maintenance import alerts
from maintenance.models import Occurrence, Outage, Run, Target
from maintenance.rules.alerting import signal_of
from zbmaint.dashboard.demo.asked import Due
from zbmaint.dashboard.demo.desk import Desk
from zbmaint.dashboard.demo.findings import TASK, Changes
from zbmaint.dashboard.demo.life import Life
from zbmaint.dashboard.demo.period import DAY
from zbmaint.dashboard.demo.probes import Trouble
from zbmaint.dashboard.demo.state import Opened

Does = Literal["repeat", "clear", "claim", "look", "escalate", "answer", "resolve"]
SYSTEM_OUTAGES = 2  # among the criteria of tier 1 as shipped
NOT_TAKEN = 3  # one of so many waits until its source is clear again, unless it is critical
JUST_NOW = dt.timedelta(minutes=25)
TOLD_AFTER = dt.timedelta(seconds=1)  # a reading, until the outage that it confirms or ends is told
Steps = tuple[tuple[Does, int], ...]  # one after the other, after so many times a pace


@dataclass(frozen=True)
class Manner:
    """How people deal with a case, and what they write. They claim it after a share of its target from `claims`.

    `steps` follow, `pace` minutes apart; of what ends within a day, and is not `grave`, the first alone.
    """

    looked: str
    up: str
    note: str
    claims: tuple[float, float]
    steps: Steps
    pace: tuple[float, float]
    criterion: int = 0
    grave: bool = False


OF_RUNS = Manner(
    looked="Looked at the run: its log says where it stopped. The next one is at night; until then nobody has to wait.",
    up="Needs somebody who may change the database itself.",
    note="Done as the finding says; the next run found it gone.",
    claims=(0.1, 1.15),
    steps=(("look", 1), ("escalate", 3), ("answer", 5), ("look", 9)),
    pace=(6, 20),
)


def of_trouble(trouble: Trouble, severity: str) -> Manner:
    """An outage hurts while it goes on: it is claimed soon, and a critical one goes up at once."""
    return Manner(
        looked=trouble.looked,
        up="Customers cannot work, and it is not in our hands to end it.",
        note=trouble.note,
        claims=(0.05, 0.3),
        steps=(("look", 1), ("escalate", 1), ("answer", 1)),
        pace=(2, 5),
        criterion=SYSTEM_OUTAGES,
        grave=severity == "critical",
    )


@dataclass
class Case:
    """A ticket of a source. `events` are what was done to it, in any order; `ends_at` when a person resolves it."""

    opened_by: Alert
    at: dt.datetime
    severity: str
    claimed_at: dt.datetime | None
    manner: Manner
    events: list[tuple[dt.datetime, int, Does, Alert | None]] = field(default_factory=list)
    cleared_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    links: dict[tuple[str, str], Reference] = field(default_factory=dict)

    def add(self, at: dt.datetime, does: Does, alert: Alert | None = None) -> None:
        """Something is done to it."""
        self.events.append((at, len(self.events), does, alert))

    def link(self, alert: Alert) -> None:
        """It is about what the alert is about."""
        self.links |= {(reference.kind, reference.id): reference for reference in alert.references}

    def is_taken(self, at: dt.datetime) -> bool:
        """Whether a person had begun by then."""
        return self.claimed_at is not None and self.claimed_at <= at


class Cases:
    """Follows the alerts of the runs, which come in the order of their time, and after them those of outages."""

    def __init__(self, targets: dict[str, Target], desk: Desk) -> None:
        self._targets = {target.pk: target for target in targets.values()}
        self._desk = desk
        self._missed: list[Due] = []
        self._open: dict[str, Case] = {}
        self.every: list[Case] = []

    def expect(self, due: Iterable[Due]) -> None:
        """The due times, of which the missed ones come to pass between the runs."""
        missed = (each for each in due if each.state == Occurrence.State.MISSED and each.task.task == TASK)
        self._missed = sorted(missed, key=lambda each: each.decided_at)

    def run_ended(self, run: Run, changes: Changes) -> None:
        """What the end of a run, and what was missed before it, opens, joins and clears."""
        assert run.finished_at is not None  # noqa: S101  # what is generated has ended
        run.target = self._targets.get(run.target_id) if run.target_id else None
        for finding in (*changes.news, *changes.gone):
            finding.target = run.target
        told = [*self._until(run.finished_at)]
        told += [(run.finished_at, alerts.of_finding(finding, run=run)) for finding in changes.news]
        for finding in changes.gone:
            title = f"Resolved: {finding.title}"
            told.append((run.finished_at, alerts.of_finding(finding, "resolved", run=run, title=title)))
        signal = signal_of(run.state, dry_run=False, news=bool(changes.news))
        if signal:
            told.append((run.finished_at, alerts.of_run(run, "firing" if signal == "raise" else "resolved")))
        for at, alert in told:
            self._receive(alert, at)

    def outages(self, outages: Iterable[tuple[Outage, Trouble]]) -> None:
        """What outages that are over, in the order of their beginning, open and clear."""
        for outage, trouble in outages:
            assert outage.ended_at is not None  # noqa: S101  # what is generated has ended
            manner = of_trouble(trouble, outage.probe.severity)
            self._receive(alerts.of_outage(outage, "firing"), outage.confirmed_at + TOLD_AFTER, manner)
            self._receive(alerts.of_outage(outage, "resolved"), outage.ended_at + TOLD_AFTER, manner)

    def _until(self, moment: dt.datetime) -> Iterator[tuple[dt.datetime, Alert]]:
        while self._missed and self._missed[0].decided_at <= moment:
            due = self._missed.pop(0)
            occurrence = Occurrence(
                task=due.task.task,
                schedule=due.task.schedule,
                scheduled_task=due.task,
                due_at=due.due_at,
                reason=due.reason,
            )
            yield due.decided_at, alerts.of_missed(occurrence)

    def _receive(self, alert: Alert, at: dt.datetime, manner: Manner = OF_RUNS) -> None:
        case = self._open.get(alert.key)
        if case is not None and case.ends_at is not None and case.ends_at <= at:
            del self._open[alert.key]
            case = None
        if case is None:
            if alert.is_firing:
                self._begin(alert, at, manner)
            return
        case.add(at, "repeat" if alert.is_firing else "clear", alert)
        case.link(alert)
        if alert.is_firing:
            case.severity = severities.worse(case.severity, alert.severity)
            case.cleared_at = case.ends_at = None
        elif case.is_taken(at):
            case.cleared_at = at
            case.ends_at = at + dt.timedelta(minutes=self._chance(case, "ends").uniform(10, 240))
        else:
            del self._open[alert.key]

    def _begin(self, alert: Alert, at: dt.datetime, manner: Manner) -> None:
        case = Case(alert, at, alert.severity, None, manner)
        case.link(alert)
        self._open[alert.key] = case
        self.every.append(case)
        chance = self._chance(case, "claimed")
        if alert.severity == "critical" or len(self.every) % NOT_TAKEN:
            seconds = self._desk.seconds[1, alert.severity] * chance.uniform(*manner.claims)
            case.claimed_at = at + dt.timedelta(seconds=seconds)

    def _chance(self, case: Case, name: str) -> Any:
        # Not by its key, which holds an id of this database.
        return self._desk.period.chance("case", name, case.opened_by.title, case.at.isoformat())

    def finish(self) -> None:
        """After the last of them: what people did. What lasts is taken, and the newest of that has just gone up."""
        lasting = [case for case in self._open.values() if case.cleared_at is None]
        newest = max(lasting, key=lambda case: case.at, default=None)
        for case in self.every:
            ended = next((at for at, _, does, _ in case.events if does == "clear" and not case.is_taken(at)), None)
            if case.claimed_at is None and ended is None:
                case.claimed_at = case.at + dt.timedelta(seconds=self._desk.seconds[1, case.opened_by.severity] * 0.6)
            if case.claimed_at is not None and (ended is None or case.claimed_at < ended):
                last = self._people(case, case.claimed_at)
                if case is newest and last < self._desk.now - JUST_NOW:
                    case.add(self._desk.now - JUST_NOW, "escalate")

    def _people(self, case: Case, at: dt.datetime) -> dt.datetime:
        """What people do to one that they have taken at `at`, until it is clear. Returns when they last did."""
        chance, now, manner = self._chance(case, "people"), self._desk.now, case.manner
        case.add(at, "claim")
        soon = (case.ends_at or now) - at < DAY and not manner.grave
        for does, after in manner.steps[:1] if soon else manner.steps:
            at += dt.timedelta(minutes=after * chance.uniform(*manner.pace))
            if case.cleared_at is None or at < case.cleared_at:
                case.add(at, does)
        if case.ends_at is not None and case.ends_at <= now:
            case.add(case.ends_at, "resolve")
        return at


def tell(desk: Desk, case: Case, number: int) -> Life:
    """The ticket of a case, until now."""
    alert = case.opened_by
    opened = Opened(
        title=alert.title[:300],
        reporter=alert.reporter or alert.source,
        description=alert.description,
        severity=alert.severity,
        category=alert.category,
        tags=alert.tags,
        source=alert.source,
        key=keys.stored(alert.key),
    )
    chance = desk.period.chance("case", alert.title, case.at.isoformat())
    life = Life(desk, number, opened, case.at, chance, by=None, said=alert.title, **_facts(alert))
    for at, _, does, other in sorted(case.events, key=lambda event: event[:2]):
        if at <= desk.now:
            _do(life, at, does, other, case.manner)
    return life


def _do(life: Life, at: dt.datetime, does: Does, alert: Alert | None, manner: Manner) -> None:
    desk, hands = life.desk, life.assignee
    if hands is None or desk.is_away(hands, at):
        hands = desk.available(life.tier, at)[0]
    if does == "repeat" and alert is not None:
        life.repeat(at, alert.title, severities.worse(life.severity, alert.severity), _facts(alert))
    elif does == "clear" and alert is not None:
        life.clear(at, alert.title, BY_ITSELF, _facts(alert))
    elif does in ("claim", "answer"):
        life.claim(at, hands)
    elif does == "look":
        life.comment(at, hands, manner.looked)
    elif does == "escalate":
        life.hand(at, hands, life.tier + 1, desk.tiers[life.tier].criteria[manner.criterion], manner.up)
    elif does == "resolve":
        life.resolve(at, hands, "fixed", manner.note)


def _facts(alert: Alert) -> dict[str, Any]:
    facts: dict[str, Any] = {"severity": alert.severity, "occurred_at": alert.occurred_at.isoformat()}
    return facts | ({"description": alert.description} if alert.description else {})
