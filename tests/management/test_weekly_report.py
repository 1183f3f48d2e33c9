"""`manage.py weekly_report`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from maintenance.models import WeeklyReport
from tests.maintenance.weekly import NOW, WEEK, nothing_to_roll, two_weeks
from zbmaint.rollup import rolling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_at_eight() -> Iterator[None]:
    with nothing_to_roll(), time_machine.travel(NOW, tick=False):
        yield


def weekly_report(*words: str) -> tuple[str, str]:
    """What it prints and what it says."""
    out, err = io.StringIO(), io.StringIO()
    call_command("weekly_report", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_freezes_the_latest_week_once_and_prints_it() -> None:
    two_weeks()
    text, said = weekly_report()
    report = WeeklyReport.objects.get()
    assert said.strip() == f"2026-W14 is frozen now: SHA-256 {report.digest}"
    for part in ("14 tasks were completed, and 14 were planned.", "Week starting: 30 Mar 2026", "Tickets by tier"):
        assert part in text
    assert weekly_report() == (text, "")


def test_it_prints_json_alone() -> None:
    two_weeks()
    found = json.loads(weekly_report("--week", "2026-W13", "--json")[0])
    assert (found["week"], found["content"]["figures"]["tasks_completed"]) == ("2026-W13", 14)


@pytest.mark.parametrize(
    ("week", "says"),
    [
        ("2026-W15", "2026-W15 is not over"),
        ("2026-W12", "There is no data of 2026-W12"),
        ("2026-14", "is not a week. Write it as 2026-W14"),
        ("2026-W60", "There is no week 60 in 2026"),
    ],
)
def test_a_week_that_cannot_be_frozen_is_a_usage_error(week: str, says: str) -> None:
    two_weeks()
    with pytest.raises(CommandError, match=says) as caught:
        weekly_report("--week", week)
    assert caught.value.returncode == 2
    assert not WeeklyReport.objects.exists()


def test_days_that_cannot_be_put_together_are_an_error() -> None:
    two_weeks()

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    rolling.register("toy", broken, lambda: None)
    with pytest.raises(CommandError, match="nothing was frozen") as caught:
        weekly_report()
    assert caught.value.returncode == 1


def test_one_that_was_changed_is_printed_and_fails() -> None:
    two_weeks()
    weekly_report()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # rows that are still to be checked are in the way
        cursor.execute("ALTER TABLE maintenance_weeklyreport DISABLE TRIGGER weekly_report_no_update")
    WeeklyReport.objects.update(digest="0" * 64)
    with pytest.raises(CommandError, match="2026-W14 is not what it was when it was frozen") as caught:
        weekly_report("--week", WEEK)
    assert caught.value.returncode == 3
