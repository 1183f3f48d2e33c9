"""The task: freezes what is over, catches up, says what it cannot do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from maintenance import runner
from maintenance.actions import runs as run_actions
from maintenance.models import Origin, Run, WeeklyReport
from maintenance.tasks.catalog import CATALOG, NOT_CARRIED_OUT, title_of
from maintenance.tasks.weekly_report import weekly_report
from tests.maintenance.weekly import A_DAY, MONDAY, NOW, nothing_to_roll, runs
from zbmaint.access.models import Person
from zbmaint.notifications.models import Notice
from zbmaint.rollup import rolling

pytestmark = pytest.mark.django_db(transaction=True)
A_WEEK = 7 * A_DAY


@pytest.fixture(autouse=True)
def _monday_at_eight(installed: None) -> Iterator[None]:
    with nothing_to_roll(), time_machine.travel(NOW, tick=True):
        yield


def carry_out(*, dry_run: bool = False) -> Run:
    run = run_actions.request(weekly_report, None, actor=None, origin=Origin.SCHEDULE, dry_run=dry_run, queue=False)
    runner.execute(run.pk, str(run.token))
    run.refresh_from_db()
    return run


def test_it_is_carried_out() -> None:
    assert CATALOG["weekly_report"] is weekly_report
    assert "weekly_report" not in NOT_CARRIED_OUT
    assert title_of("weekly_report") == "Weekly report"


def test_it_freezes_the_week_that_is_over_names_itself_and_does_so_once(people: dict[str, Person]) -> None:
    runs()
    run = carry_out()
    report = WeeklyReport.objects.get()
    assert (run.state, run.verdict) == ("succeeded", "Week 14, 2026 is frozen.")
    assert (report.week, report.run_id) == ("2026-W14", run.pk)
    assert run.report["weeks"] == [{"week": "2026-W14", "digest": report.digest}]
    told = set(Notice.objects.filter(transport="email").values_list("person__username", flat=True))
    assert told == {"lead", "manager", "admin"}
    again = carry_out()
    assert (again.state, again.verdict) == ("succeeded", "Every week that is over is frozen already.")
    assert (WeeklyReport.objects.count(), Notice.objects.filter(transport="email").count()) == (1, 3)


def test_weeks_that_no_run_has_frozen_are_caught_up_with_and_only_the_latest_is_sent(
    people: dict[str, Person],
) -> None:
    for back in range(3):
        runs(MONDAY - back * A_WEEK)
    run = carry_out()
    assert run.verdict == (
        "Week 14, 2026 is frozen. So are 2 earlier weeks that no run had frozen: 2026-W12, 2026-W13."
    )
    assert [report.week for report in WeeklyReport.objects.order_by("starts")] == ["2026-W12", "2026-W13", "2026-W14"]
    assert set(Notice.objects.filter(transport="email").values_list("topic", flat=True)) == {"weekly_report:2026-W14"}


def test_of_more_than_eight_the_others_are_left_and_told() -> None:
    for back in (0, 9):
        runs(MONDAY - back * A_WEEK)
    run = carry_out()
    assert run.state == "warning"
    assert "2 older weeks are left: freeze what you need with `manage.py weekly_report --week`." in run.verdict
    assert (WeeklyReport.objects.count(), run.report["left_unfrozen"]) == (8, 2)


def test_days_that_cannot_be_put_together_fail_it_and_nothing_is_frozen() -> None:
    runs()

    def broken(_day: dt.date, _now: dt.datetime) -> None:
        raise RuntimeError("broken")

    rolling.register("toy", broken, lambda: None)
    run = carry_out()
    assert run.state == "failed"
    assert run.verdict.startswith("The days are not put together completely, so nothing was frozen: RuntimeError")
    assert not WeeklyReport.objects.exists()


def test_a_dry_run_says_what_it_would_freeze() -> None:
    runs()
    run = carry_out(dry_run=True)
    assert (run.state, run.verdict) == ("succeeded", "A dry run: nothing was frozen. It would freeze 2026-W14.")
    assert not WeeklyReport.objects.exists()


def test_without_data_there_is_nothing_to_freeze() -> None:
    assert carry_out().verdict == "Every week that is over is frozen already."
