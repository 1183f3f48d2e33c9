"""The runs: which were asked for on the demo targets, and their rows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from maintenance.actions.runs import check_parameters
from maintenance.models import LogLine, Origin, Run, RunStep
from maintenance.rules import run_states
from maintenance.tasks.database_maintenance import database_maintenance
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.asked import Asked, Ending
from zbmaint.dashboard.demo.audit import Deed
from zbmaint.dashboard.demo.cases import Cases
from zbmaint.dashboard.demo.copying import Row, as_json, copy_rows
from zbmaint.dashboard.demo.findings import TASK, Changes, Findings
from zbmaint.dashboard.demo.period import DAY, Period
from zbmaint.dashboard.demo.story import Story, Told
from zbmaint.dashboard.demo.targets import MAINTAINED

# The newest so many runs have every line that the task writes; those before them a few each.
IN_FULL = 2_000
# Share of the runs that end otherwise than by themselves.
ENDINGS: dict[Ending, float] = {"failed": 0.012, "timed_out": 0.006, "lost": 0.005, "cancelled": 0.01}
# At these shares of all runs each ending comes for certain.
CERTAIN: dict[float, Ending] = {0.33: "failed", 0.47: "timed_out", 0.58: "lost", 0.71: "cancelled"}
FIRST_NIGHTLY, NIGHTLY, DAYTIME = dt.timedelta(hours=1, minutes=10), dt.timedelta(minutes=30), (6.0, 22.0)
RUN_FIELDS = (
    *("id", "task", "target", "parameters", "dry_run", "state", "origin", "requested_by", "token", "worker"),
    *("queued_at", "started_at", "heartbeat_at", "finished_at", "timeout_seconds", "lock_groups", "retries", "attempt"),
    *("cancel_requested_at", "cancel_requested_by", "progress", "verdict", "error", "facts", "report", "snapshot"),
)
STEP_FIELDS = (
    *("run", "position", "key", "name", "state", "note", "done", "total", "unit", "started_at", "finished_at"),
)
LINE_FIELDS = ("run", "number", "at", "level", "text")


def asked_for(period: Period, number: int, people: dict[str, Person]) -> list[Asked]:
    """The runs of database maintenance on the demo targets, spread over the period; two a night come by themselves."""
    certain = {int(number * share): ending for share, ending in CERTAIN.items()}
    asked = []
    for index in range(number):
        day = index * period.days // number
        first = -(-day * number // period.days)
        that_day = -(-(day + 1) * number // period.days) - first
        asked.append(_asked(period, index, people, day=day, place=index - first, that_day=that_day))
        asked[-1].ending = certain.get(index, asked[-1].ending)
        asked[-1].brief = index < number - IN_FULL
    for database in MAINTAINED:
        mine = [each for each in asked if each.database is database]
        if mine:
            mine[-1].last, mine[-1].ending = True, "done"
    return asked


def _asked(period: Period, index: int, people: dict[str, Person], *, day: int, place: int, that_day: int) -> Asked:
    """Number `place` of `that_day` runs of one day."""
    chance = period.chance("asked", index)
    by_day = max(1, that_day - 2)
    begin, end = DAYTIME
    room = (end - begin) * 3600 / by_day
    if place < 2:
        at, room = FIRST_NIGHTLY + place * NIGHTLY, 3300.0
    else:
        at = dt.timedelta(seconds=begin * 3600 + (place - 2 + chance.random() * 0.2) * room)
        room *= 0.7
    database = MAINTAINED[index % len(MAINTAINED)]
    by_hand = place >= 2 and that_day <= 12
    asked = Asked(
        period.begins + day * DAY + at,
        TASK,
        database,
        Origin.PERSON if by_hand else Origin.COMMAND,
        room=room,
        by=people[chance.choice(("tier2", "tier3", "admin"))] if by_hand else None,
        cancelled_by=people["tier3"],
        lock_groups=[f"db:{database.target}"],
    )
    draw = chance.random()
    for ending, share in ENDINGS.items():
        if draw < share:
            asked.ending = ending
            break
        draw -= share
    return asked


@dataclass
class Batch:
    """Rows on their way into the database."""

    runs: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)

    def write(self) -> None:
        """Copy them."""
        copy_rows(Run, RUN_FIELDS, self.runs)
        copy_rows(RunStep, STEP_FIELDS, self.steps)
        copy_rows(LogLine, LINE_FIELDS, self.lines)


class Writer:
    """Turns what was asked for, in the order of its time, into rows."""

    def __init__(self, period: Period, targets: dict[str, int], findings: Findings, cases: Cases) -> None:
        self._period = period
        self._targets = targets
        self._findings = findings
        self._cases = cases
        self._parameters = as_json(check_parameters(database_maintenance, {}))

    def add(self, batch: Batch, number: int, asked: Asked) -> None:
        """Add the rows of one run."""
        chance = self._period.chance("run", asked.at.isoformat(), asked.task, *asked.lock_groups)
        token = uuid.UUID(int=chance.getrandbits(128), version=4)
        if asked.database is None and asked.ending == "done":
            told = _examination(asked, f"ops-1:{chance.randint(2_000, 30_000)}")
        elif asked.database is None:
            told = Told(run_states.NOT_CONFIGURED, asked.verdict, "", asked.at, asked.at, timeout=1, progress=0)
        else:
            seen = self._findings.seen_by(asked) if asked.ending == "done" else []
            told = Story(asked, asked.database, seen, chance, self._period.share(asked.at)).tell()
            news: Changes = Changes()
            if asked.ending == "done":
                told.report["findings"], news = self._findings.record(number, told.finished_at, asked.database, seen)
            self._cases.run_ended(self._ended(number, asked, told), news)
        batch.runs.append(self._row(number, asked, told, token))
        batch.steps += _steps(number, told)
        batch.lines += ((number, line, *said) for line, said in enumerate(told.lines, start=1))
        batch.deeds += _deeds(number, asked, told)

    def _ended(self, number: int, asked: Asked, told: Told) -> Run:
        """The run, as far as alerts name it."""
        name = asked.database.database if asked.database else ""
        run = Run(pk=number, task=asked.task, target_id=self._targets.get(name), state=told.state)
        run.verdict, run.error, run.finished_at = told.verdict, told.error, told.finished_at
        return run

    def _row(self, number: int, asked: Asked, told: Told, token: uuid.UUID) -> Row:
        worked = told.state != run_states.NOT_CONFIGURED
        target = self._targets.get(asked.database.database) if asked.database else None
        if target is None and asked.due is not None:
            target = asked.due.task.target_id
        cancelled = told.cancel_requested_at is not None
        return (
            *(
                number,
                asked.task,
                target,
                self._parameters if asked.database else "{}",
                False,
                told.state,
                asked.origin.value,
            ),
            *(asked.by.pk if asked.by else None, token, told.worker, asked.at, told.started_at if worked else None),
            *(told.finished_at if worked else None, told.finished_at, told.timeout, as_json(asked.lock_groups), 0, 1),
            *(told.cancel_requested_at, asked.cancelled_by.pk if cancelled and asked.cancelled_by else None),
            *(told.progress, told.verdict, told.error, as_json(told.facts), as_json(told.report), "{}"),
        )


def _examination(asked: Asked, worker: str) -> Told:
    """A run that only examines our own database, and finds nothing: it takes moments."""
    begun = asked.at + dt.timedelta(seconds=0.4)
    ended = begun + dt.timedelta(seconds=0.3)
    return Told(run_states.SUCCEEDED, asked.verdict, worker, begun, ended, timeout=600)


def _steps(number: int, told: Told) -> Iterator[Row]:
    for position, step in enumerate(told.steps, start=1):
        yield (
            *(number, position, step.key, step.name, step.state, step.note, step.pages, step.pages),
            *("pages" if step.pages else "", step.started_at, step.finished_at),
        )


def _deeds(number: int, asked: Asked, told: Told) -> Sequence[Deed]:
    label, target = f"Run {number}", asked.database.target if asked.database else None
    ended = Deed(told.finished_at, None, f"run_{told.state}", "run", number, label, {"verdict": told.verdict})
    if asked.database is None:
        return [ended]
    deeds = [Deed(asked.at, asked.by, "run_requested", "run", number, label, {"task": asked.task, "target": target})]
    if told.cancel_requested_at:
        deeds.append(Deed(told.cancel_requested_at, asked.cancelled_by, "run_cancel_requested", "run", number, label))
    return [*deeds, ended]
