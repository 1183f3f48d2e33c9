"""The functions that django-q2 calls. They carry ids and tokens only."""

from __future__ import annotations

from maintenance import runner


def execute_run(run_id: int, token: str) -> None:
    """Carry out a run that `maintenance.actions.runs.request` queued."""
    runner.execute(run_id, token)
