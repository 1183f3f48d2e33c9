"""The day of docs/kpis-runs.md: its tables are the rows and the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings

from maintenance.kpis import finding_reading, run_reading, run_rows
from maintenance.models import Finding, Occurrence, Origin, Run, ScheduledTask
from tests.maintenance.kpis.run_history import make_schedules
from zbmaint.access.models import Person
from zbmaint.rollup import rolling
from zbmaint.rollup.spread import Spread

pytestmark = pytest.mark.django_db
DAY, NOW = dt.date(2026, 4, 6), dt.datetime(2026, 4, 7, 12, tzinfo=dt.UTC)
SPREADS = {"duration": "durations", "wait": "waits", "lateness": "lateness"}


def table(heading: str) -> Iterator[list[str]]:
    """The rows of the table under a heading of the document."""
    text = Path(settings.BASE_DIR, "docs/kpis-runs.md").read_text(encoding="utf-8")
    lines = text.split(f"\n### {heading}\n")[1].split("\n#")[0].splitlines()
    rows = [line for line in lines if line.startswith("|")]
    for row in rows[2:]:
        yield [cell.strip() for cell in row.strip("|").split("|")]


def at(text: str) -> Any:
    """The moment that a cell says; None for an empty one."""
    return dt.datetime.strptime(f"2026 {text} +0000", "%Y %d %b %H:%M:%S %z") if text else None


@pytest.fixture
def _the_day(people: dict[str, Person]) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        schedules = make_schedules()
        runs = {"": None} | {row[0]: a_run(row) for row in table("Runs")}
        for due, task, became, handed, reason, run in table("Due times"):
            own = schedules.get(task)
            scheduled = own.tasks.get() if own else ScheduledTask.objects.get(task=task)
            due_at = at(due)
            Occurrence.objects.create(
                schedule=scheduled.schedule, version=scheduled.schedule.versions.get(), scheduled_task=scheduled,
                position=1, task=task, due_at=due_at, start_by=due_at + dt.timedelta(hours=1), planned_at=due_at,
                state=became, reason=reason, decided_at=at(handed), run=runs[run],
                skipped_by=people["lead"] if reason == "by hand" else None,
            )  # fmt: skip
        for name, severity, found, resolved, accepted in table("Findings"):
            a_finding(name, severity, found, resolved, accepted)
        rolling.roll_stale(NOW)
        yield


def a_run(row: list[str]) -> Run:
    _, task, asked, started, ended, state, attempts = row
    return Run.objects.create(
        task=task, state="succeeded" if state == "dry run" else state, dry_run=state == "dry run",
        origin=Origin.SCHEDULE, timeout_seconds=3600, queued_at=at(asked), started_at=at(started),
        finished_at=at(ended), attempt=int(attempts),
    )  # fmt: skip


def a_finding(name: str, severity: str, found: str, resolved: str, accepted: str) -> None:
    finding = Finding.objects.create(
        task="t", kind="k", subject=name, title=name, severity=severity, first_seen_at=at(found), last_seen_at=at(found)
    )
    if resolved:
        Finding.objects.filter(pk=finding.pk).update(state="resolved", resolved_at=at(resolved))
    if accepted:
        Finding.objects.filter(pk=finding.pk).update(
            state="accepted", last_seen_at=at(accepted), accepted_until=dt.date(2026, 4, 10)
        )


@pytest.mark.usefixtures("_the_day")
def test_the_figures_of_the_document_are_those_of_the_day() -> None:
    runs, findings = run_reading.total(DAY, DAY), finding_reading.total(DAY, DAY)
    checked = set()
    for figure, value, _ in table("Figures of the day"):
        name, _, of = figure.partition(", ")
        expected = Fraction(value.removesuffix(" s"))
        if name in SPREADS:
            got = of_spread(getattr(runs, SPREADS[name]), of)
        elif name == "age":
            got = findings.open_age_median
        else:
            got = getattr(runs, name, None) if hasattr(runs, name) else getattr(findings, name)
        assert got == pytest.approx(float(expected)), figure
        checked.add(name)
    numbers = {name for name in vars(runs) if name not in {"days", "durations", "waits"}}
    assert checked >= numbers


def of_spread(spread: Spread, of: str) -> float | None:
    milliseconds = {"median": spread.quantile(0.5), "p95": spread.quantile(0.95), "mean": spread.mean}[of]
    return None if milliseconds is None else milliseconds / 1000


@pytest.mark.usefixtures("_the_day")
def test_the_rows_behind_a_figure_are_those_that_the_document_names() -> None:
    ended = [run.finished_at for run in run_rows.runs("completed", DAY, DAY)]
    assert [moment.strftime("%H:%M") for moment in ended if moment] == ["05:00", "04:10", "02:01", "00:00"]
    late = run_rows.occurrences("not_in_time", DAY, DAY)
    assert [f"{row.due_at:%H}" for row in late] == ["17", "16", "10", "09"]
    assert [f"{row.due_at:%H}" for row in run_rows.occurrences("not_configured", DAY, DAY)] == ["11"]
    assert [row.finding.title for row in run_rows.findings("open", DAY, DAY)] == ["D", "B"]
