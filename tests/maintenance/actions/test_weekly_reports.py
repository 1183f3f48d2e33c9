"""Weekly reports are frozen once, never change, and are sent once to each."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import ProgrammingError, transaction

from incidents.models import NoticePreferences, NoticeRule
from maintenance import notices
from maintenance.actions import weekly_reports
from maintenance.actions.weekly_reports import ReportRefused
from maintenance.kpis import values
from maintenance.kpis.period import Period
from maintenance.models import RunDay, WeeklyReport
from maintenance.rules import sealing
from tests.maintenance.made import make_run
from tests.maintenance.weekly import A_DAY, MONDAY, NOW, WEEK, nothing_to_roll, runs, tickets, two_weeks
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.checks import report_retention
from zbmaint.notifications.models import Notice
from zbmaint.rollup import rolling

pytestmark = pytest.mark.django_db
PERIOD = Period.week(WEEK)
People = dict[str, Person]


@pytest.fixture(autouse=True)
def _as_written() -> Iterator[None]:
    with nothing_to_roll(), time_machine.travel(NOW, tick=False):
        yield


def freeze(**options: Any) -> WeeklyReport:
    return weekly_reports.freeze(PERIOD, NOW, **options)


class TestFreezing:
    def test_it_holds_the_figures_of_the_week_and_shows_that_it_is_unchanged(self) -> None:
        two_weeks()
        report = freeze()
        assert (report.week, report.starts, report.frozen_at) == (WEEK, MONDAY, NOW)
        assert report.content["figures"] == values.read(PERIOD).flat()
        assert report.content["before"] == values.read(PERIOD.previous()).flat()
        report.refresh_from_db()
        assert weekly_reports.is_unchanged(report)
        assert report.digest == sealing.digest(report.content)
        assert AuditEntry.objects.get(verb="weekly_report_frozen").after == {
            "week": WEEK,
            "digest": report.digest,
            "run": None,
        }

    def test_the_second_time_it_is_the_first_one(self) -> None:
        two_weeks()
        first = freeze()
        RunDay.objects.filter(day=MONDAY).update(failed=7)
        again = freeze()
        assert (again.pk, again.digest, WeeklyReport.objects.count()) == (first.pk, first.digest, 1)
        assert Notice.objects.count() == 0

    def test_the_same_days_give_the_same_content(self) -> None:
        two_weeks()
        assert weekly_reports.preview(PERIOD) == freeze().content

    def test_a_week_that_is_not_over_is_refused(self) -> None:
        two_weeks()
        last = PERIOD.ends - dt.timedelta(microseconds=1)
        with pytest.raises(ReportRefused, match="2026-W14 is not over: it ends on 5 Apr 2026"):
            weekly_reports.freeze(PERIOD, last)
        assert weekly_reports.freeze(PERIOD, PERIOD.ends).week == WEEK

    def test_a_week_without_data_is_refused(self) -> None:
        with pytest.raises(ReportRefused, match="Nothing has been put together"):
            freeze()
        runs(MONDAY + 7 * A_DAY)
        with pytest.raises(ReportRefused, match="There is no data of 2026-W14: the first is of 6 Apr 2026"):
            freeze()

    @pytest.mark.parametrize(
        "name", ["", "2026", "2026-14", "2026-W54", "2026-W00", "9999-W01", "2026-W14\0", "٢٠٢٦-W14"]
    )
    def test_what_is_no_week_is_refused_with_words(self, name: str) -> None:
        with pytest.raises(ReportRefused):
            weekly_reports.period_of(name)

    def test_without_a_week_before_there_are_no_changes(self) -> None:
        runs()
        tickets()
        content = freeze().content
        assert (content["before"], content["first_data"]) == (None, "2026-03-30")
        assert set(content["changes"].values()) == {None}

    @pytest.mark.parametrize(("week", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W14", 168)])
    def test_a_week_has_the_hours_that_the_clocks_give_it(self, settings: LazySettings, week: str, hours: int) -> None:
        settings.REPORT_TIME_ZONE = "Europe/Berlin"
        period = Period.week(week)
        runs(period.first)
        content = weekly_reports.freeze(period, period.ends).content
        assert (content["hours"], content["zone"]) == (hours, "Europe/Berlin")


class TestKeeping:
    @pytest.mark.parametrize(
        "change",
        [
            {"content": {}},
            {"digest": "0" * 64},
            {"week": "2026-W13"},
            {"starts": MONDAY - A_DAY},
            {"frozen_at": NOW + A_DAY},
        ],
    )
    def test_the_database_refuses_to_change_it(self, change: dict[str, Any]) -> None:
        runs()
        report = freeze()
        with pytest.raises(ProgrammingError, match=r"week 2026-W14 is frozen: UPDATE is refused"), transaction.atomic():
            WeeklyReport.objects.filter(pk=report.pk).update(**change)
        assert WeeklyReport.objects.get().digest == report.digest

    def test_a_run_that_is_purged_is_forgotten_and_no_other_can_be_named(self) -> None:
        runs()
        run, other = make_run(), make_run()
        report = freeze(run=run.pk)
        with pytest.raises(ProgrammingError, match="UPDATE is refused"), transaction.atomic():
            WeeklyReport.objects.update(run=other)
        run.delete()
        report.refresh_from_db()
        assert report.run_id is None

    def test_it_cannot_be_deleted_before_its_time(self) -> None:
        runs()
        report = freeze()
        with pytest.raises(ProgrammingError, match="younger than 400 days: DELETE is refused"), transaction.atomic():
            report.delete()

    def test_digests_hold_whatever_numbers_the_database_has_kept(self) -> None:
        chance = random.Random(7)
        numbers = [chance.uniform(-1, 1) * 10.0 ** chance.randint(-9, 12) for _ in range(500)]
        content = json.loads(sealing.canonical({"numbers": [*numbers, 0.0, 1.0, 1e-7, 1 / 3], "text": "ü\u2028"}))
        WeeklyReport.objects.create(
            week=WEEK, starts=MONDAY, frozen_at=NOW, content=content, digest=sealing.digest(content)
        )
        assert weekly_reports.is_unchanged(WeeklyReport.objects.get())


class TestCorrections:
    def test_nothing_is_said_while_nothing_was_corrected(self) -> None:
        two_weeks()
        assert weekly_reports.corrected(freeze()) == {}

    def test_what_is_another_number_by_now_is_named(self) -> None:
        two_weeks()
        report = freeze()
        RunDay.objects.filter(day=MONDAY, task="").update(failed=2)
        found = weekly_reports.corrected(report)
        assert found["runs_failed"] == (0, 2)
        assert found["success_rate"] == (1.0, 0.875)
        assert "tickets_opened" not in found
        assert "week_starting" not in found


class TestOwed:
    def test_what_is_over_and_not_frozen_is_owed(self) -> None:
        two_weeks()
        assert weekly_reports.owed(NOW) == ([PERIOD.previous(), PERIOD], 0)
        weekly_reports.freeze(PERIOD.previous(), NOW)
        assert weekly_reports.owed(NOW) == ([PERIOD], 0)

    def test_days_that_cannot_be_rolled_up_stop_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(_day: dt.date, _now: dt.datetime) -> None:
            raise RuntimeError("broken")

        rolling.register("toy", broken, lambda: None)
        with pytest.raises(ReportRefused, match="not put together completely, so nothing was frozen: RuntimeError"):
            weekly_reports.bring_up_to_date(NOW)


class TestTelling:
    def test_leads_managers_and_admins_get_it_once_and_others_when_they_choose(self, people: People) -> None:
        two_weeks()
        NoticeRule.objects.create(person=people["manager"], event="weekly", channels=[])
        NoticeRule.objects.create(person=people["tier1"], event="weekly", channels=["email", "chat"])
        NoticePreferences.objects.create(person=people["tier1"], chat="CHAT_ONE")
        report = freeze()
        sent = {(notice.person.username if notice.person else "", notice.transport) for notice in Notice.objects.all()}
        assert sent == {("lead", "email"), ("admin", "email"), ("tier1", "email"), ("tier1", "chat")}
        with transaction.atomic():
            notices.weekly_report(report)
        assert Notice.objects.count() == 4
        by_chat = Notice.objects.get(transport="chat")
        assert "sections" not in by_chat.payload

    def test_an_earlier_week_is_sent_to_nobody(self, people: People) -> None:
        two_weeks()
        weekly_reports.freeze(PERIOD.previous(), NOW)
        assert not Notice.objects.exists()

    def test_others_are_sent_it_once(self, people: People) -> None:
        two_weeks()
        report = freeze()
        Notice.objects.all().delete()
        given = ["board@example.org", "Board@Example.org", " ", "press@example.org"]
        sent = weekly_reports.send(report, given, actor=people["lead"])
        assert (sorted(sent.addresses), sent.had) == (["Board@Example.org", "press@example.org"], [])
        again = weekly_reports.send(report, ["board@example.org", "new@example.org"], actor=people["lead"])
        assert (again.addresses, again.had) == (["new@example.org"], ["board@example.org"])
        assert Notice.objects.count() == 3
        assert {notice.payload["because"] for notice in Notice.objects.all()} == {"lead sent it to you."}
        entry = AuditEntry.objects.filter(verb="weekly_report_sent").latest("pk")
        assert (entry.actor, entry.after) == (people["lead"], {"week": WEEK, "to": ["new@example.org"]})

    def test_somebody_who_has_it_is_not_sent_it_by_their_address(self, people: People) -> None:
        two_weeks()
        sent = weekly_reports.send(freeze(), ["LEAD@example.org"], actor=people["admin"])
        assert (sent.addresses, sent.had) == ([], ["LEAD@example.org"])

    @pytest.mark.parametrize(
        ("addresses", "says"),
        [
            ([], "at least one"),
            (["  "], "at least one"),
            (["board@example.org", "board"], "“board” is no e-mail address"),
            (["a@b.org\nBcc: c@d.org"], "is no e-mail address"),
            ([f"a{number}@example.org" for number in range(51)], "at most 50"),
        ],
    )
    def test_wrong_addresses_are_refused_and_nobody_is_sent_it(
        self, people: People, addresses: list[str], says: str
    ) -> None:
        two_weeks()
        report = freeze(tell=False)
        with pytest.raises(ReportRefused, match=says):
            weekly_reports.send(report, addresses, actor=people["lead"])
        assert not Notice.objects.exists()


@pytest.mark.parametrize(("days", "errors"), [(399, ["zbmaint.E004"]), (400, []), (3660, [])])
def test_a_retention_that_the_database_refuses_is_found_at_the_start(
    settings: LazySettings, days: int, errors: list[str]
) -> None:
    settings.WEEKLY_REPORT_RETENTION_DAYS = days
    assert [error.id for error in report_retention()] == errors
