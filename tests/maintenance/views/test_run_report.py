"""The report of a run as JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from maintenance.rules import run_states
from tests.maintenance.made import make_run
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]


def test_it_is_a_file_named_after_the_run_with_what_the_task_wrote(
    client_as: SignIn, people: dict[str, Person]
) -> None:
    report = {"status": "completed", "tables": [{"table": "public.ä", "dead_before": 5}]}
    run = make_run(report=report, verdict="Done.", requested_by=people["lead"], parameters={"min_dead": 1000})
    answer = client_as("viewer").get(f"/runs/{run.pk}/report.json")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == f'attachment; filename="run-{run.pk}.json"'
    found = answer.json()
    assert found["tables"] == report["tables"]
    assert found["status"] == "completed"
    about = found["run"]
    assert (about["id"], about["state"], about["verdict"]) == (run.pk, "succeeded", "Done.")
    assert (about["target"], about["requested_by"], about["parameters"]) == ("zbmaint", "lead", {"min_dead": 1000})
    assert about["duration_seconds"] == 718


def test_of_a_run_that_has_not_begun_the_times_are_null(client_as: SignIn) -> None:
    run = make_run(run_states.QUEUED)
    about = client_as("viewer").get(f"/runs/{run.pk}/report.json").json()["run"]
    assert (about["started_at"], about["finished_at"], about["duration_seconds"]) == (None, None, None)
