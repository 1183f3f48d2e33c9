"""Runs as rows, in any state, for tests of the pages that show them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from maintenance.models import Finding, FindingSighting, LogLine, Origin, Run, RunStep, Target
from maintenance.rules import run_states

LONG_AGO = dt.timedelta(minutes=20)


def make_run(state: str = run_states.SUCCEEDED, **facts: Any) -> Run:
    """A run in `state`, with the times that such a run has."""
    asked = timezone.now() - LONG_AGO
    worked = state in run_states.WORKED | {run_states.RUNNING}
    given: dict[str, Any] = {
        "task": "database_maintenance",
        "target": Target.objects.get(reference="own"),
        "state": state,
        "origin": Origin.COMMAND,
        "timeout_seconds": 3300,
        "queued_at": asked,
        "started_at": asked + dt.timedelta(seconds=2) if worked else None,
        "heartbeat_at": timezone.now() if state == run_states.RUNNING else None,
        "finished_at": asked + dt.timedelta(minutes=12) if state in run_states.FINAL else None,
    }
    return Run.objects.create(**given | facts)


def add_steps(run: Run, *states: str) -> None:
    """One step for each of `states`: Step 1, Step 2 …"""
    now = timezone.now()
    for position, state in enumerate(states, start=1):
        RunStep.objects.create(
            run=run,
            position=position,
            key=str(position),
            name=f"Step {position}",
            state=state,
            started_at=None if state == "pending" else now,
            finished_at=None if state in ("pending", "running") else now,
        )


def add_lines(run: Run, first: int, last: int, text: str = "line") -> None:
    """Log lines numbered `first` to `last`."""
    now = timezone.now()
    LogLine.objects.bulk_create(
        LogLine(run=run, number=number, at=now, text=f"{text} {number}") for number in range(first, last + 1)
    )


def add_finding(run: Run, severity: str = "high", **facts: Any) -> Finding:
    """A finding that `run` saw, new."""
    now = timezone.now()
    given = {"kind": "held", "subject": "public.posts", "title": "Held back", "fix": "SELECT 1", "severity": severity}
    finding = Finding.objects.create(
        task=run.task, target=run.target, first_seen_at=now, last_seen_at=now, **given | facts
    )
    FindingSighting.objects.create(finding=finding, run=run, state=finding.state, severity=severity)
    return finding
