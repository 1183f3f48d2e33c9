"""The published schema of the report, against real reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from maintenance import runner
from maintenance.actions import runs
from maintenance.models import Origin, Run, Target
from maintenance.tasks.database_maintenance import database_maintenance
from zbmaint.embedded.layout import CHECKOUT

SCHEMA = json.loads((CHECKOUT / "docs" / "report.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def faults(report: dict[str, Any]) -> list[str]:
    """Where the report and the schema differ, and keys that the schema does not know."""
    unknown = [f"unknown key {key}" for key in report if key not in SCHEMA["properties"]]
    return [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in VALIDATOR.iter_errors(report)] + unknown


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_real_report_keeps_to_it(client_as: Callable[[str], Client], dry_run: bool) -> None:
    target = Target.objects.get()
    run = runs.request(
        database_maintenance,
        target,
        actor=None,
        origin=Origin.COMMAND,
        queue=False,
        dry_run=dry_run,
        parameters={"min_dead_tuples": 0, "unused_after_days": 0, "idle_seconds": 1},
    )
    runner.execute(run.pk, str(run.token))
    report = client_as("viewer").get(f"/runs/{run.pk}/report.json").json()
    assert report["run"]["state"] in ("succeeded", "warning")
    assert report["tables"], "a report with nothing in it proves nothing"
    assert faults(report) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("installed")
def test_the_report_of_a_run_that_failed_keeps_to_it_too(
    client_as: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOBODY_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    target = Target.objects.create(name="gone", reference="env:NOBODY_URL")
    run = runs.request(database_maintenance, target, actor=None, origin=Origin.COMMAND, queue=False)
    runner.execute(run.pk, str(run.token))
    assert Run.objects.get(pk=run.pk).state == "failed"
    report = client_as("viewer").get(f"/runs/{run.pk}/report.json").json()
    assert "problem" in report["snapshot"]["target"]
    assert faults(report) == []
