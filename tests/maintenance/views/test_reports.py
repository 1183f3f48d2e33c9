"""Weekly reports as a list, a page, JSON and CSV: the same numbers everywhere; and sending them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from incidents.models import TicketDay
from maintenance.kpis.catalog import KPIS
from maintenance.models import RunDay, Schedule, WeeklyReport
from maintenance.views import kpi_board, report_rows
from tests.maintenance.views.telling import told
from tests.maintenance.weekly import A_DAY, HOUR, MONDAY, NOW, WEEK, make_report, runs, service, tickets, two_weeks
from zbmaint.access.models import Person
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
PAGE = f"/reports/{WEEK}/"
BEFORE = MONDAY - 7 * A_DAY


@pytest.fixture(autouse=True)
def _monday_at_eight() -> Iterator[None]:
    kpi_board.values_of.cache_clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


@pytest.fixture
def lead(client_as: SignIn) -> Client:
    return client_as("lead")


def read(client: Client, path: str = PAGE, status: int = 200) -> str:
    """The text of a page."""
    answer = client.get(path)
    assert answer.status_code == status
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(text.replace("\xa0", " ").replace("&nbsp;", " ").replace("&#x27;", "'").split())


def get_json(client: Client, path: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == status
    found: dict[str, Any] = json.loads(answer.content)
    return found


def trouble() -> None:
    """Two weeks with thirds and sevenths in them, that no rounding hides."""
    two_weeks(failed=2, missed=1, lost=1, expected=3)
    service("API", up=20 * HOUR + 1, net_up=20 * HOUR + 1, down=3 * HOUR + 7, net_down=3 * HOUR + 7, unknown=HOUR)
    service("API", BEFORE)
    TicketDay.objects.filter(day=MONDAY).update(responses_met=3, responses_missed=4, escalated=1)


class TestSameNumbers:
    def test_report_kpis_page_and_files_say_the_same_to_the_last_digit(self, viewer: Client) -> None:
        trouble()
        report = make_report()
        period = f"?from={MONDAY}&to={MONDAY + 6 * A_DAY}"
        kpis = get_json(viewer, f"/kpis.json{period}")
        frozen = get_json(viewer, f"/reports/{WEEK}.json")["content"]["figures"]
        lines = csv.reader(io.StringIO(viewer.get(f"/reports/{WEEK}.csv").content.decode()))
        in_csv = {row[3]: row[4] for row in lines if row[0] == "week"}
        flat = {key: kpis[key] for key in KPIS}
        assert {key: frozen[key] for key in KPIS} == flat == {key: report.content["figures"][key] for key in KPIS}
        assert any(isinstance(value, float) and len(repr(value)) > 15 for value in flat.values())
        assert {key: in_csv[key] for key in KPIS} == {
            key: "" if value is None else json.dumps(value) for key, value in flat.items()
        }
        assert frozen["week_starting"] == kpis["week_starting"] == in_csv["week_starting"] == str(MONDAY)
        text = read(viewer)
        for shown in ("82.3 %", "77.7 %", "98.203 %"):
            assert shown in text

    def test_the_kpi_csv_says_them_too(self, viewer: Client) -> None:
        trouble()
        make_report()
        text = viewer.get(f"/kpis.csv?from={MONDAY}&to={MONDAY + 6 * A_DAY}").content.decode()
        frozen = get_json(viewer, f"/reports/{WEEK}.json")["content"]["figures"]
        for key in ("uptime", "success_rate", "average_task_duration_seconds", "response_compliance"):
            assert repr(frozen[key]) in text, key


class TestPage:
    def test_a_frozen_one_shows_its_parts_and_that_it_is_unchanged(self, viewer: Client) -> None:
        trouble()
        report = make_report()
        text = read(viewer)
        for part in (
            *("Week 14, Monday 30 March to Sunday 5 April 2026, UTC", "Frozen", "Unchanged", report.digest[:8]),
            *("Tasks completed 14", "0 from 14", "Average task duration 20s", "Database maintenance", "Tier 1"),
            *("API", "What was not measured", "API: 7d without readings", "How the figures are made", "Week 13"),
        ):
            assert part in text, part
        assert "Not frozen" not in text
        assert "Send to others" not in text

    def test_once_due_times_were_missed_the_strict_rate_is_its_headline(self, viewer: Client) -> None:
        two_weeks(missed=1, expected=3)
        make_report()
        text = read(viewer)
        assert "Strict success rate 93.3 %" in text
        assert "Success rate 100.0 % without 1 missed due time" in text
        assert "14 0 20s 0s 93.3 % Strict rate, −6.7 pt" in read(viewer, "/reports/")
        assert get_json(viewer, f"/reports/{WEEK}.json")["content"]["figures"]["success_rate"] == 1.0

    def test_a_task_that_was_only_not_configured_has_no_row_of_noughts(self, viewer: Client) -> None:
        two_weeks()
        for task, counts in (("log_rotation", {}), ("cache_cleanup", {"expected": 1, "missed": 1})):
            RunDay.objects.create(day=MONDAY, category="preventive", task=task, not_configured=3, **counts)
        make_report()
        text = read(viewer)
        table = text[text.index("Maintenance tasks") : text.index("Tickets by tier")]
        assert "Application log rotation" not in table
        assert "Clear expired cache entries Not configured 1 0 0 1" in table
        assert "1 more task is not configured: see what was not measured." in table
        assert "Application log rotation" in text[text.index("What was not measured") :]

    def test_its_queries_do_not_grow(self, viewer: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        two_weeks()
        make_report(BEFORE)
        make_report()
        viewer.get(PAGE)
        with django_assert_num_queries(PAGE_QUERIES):
            viewer.get(PAGE)
        trouble_days = RunDay.objects.filter(day=MONDAY)
        trouble_days.update(failed=1)
        with django_assert_num_queries(PAGE_QUERIES):
            viewer.get(PAGE)

    def test_a_changed_one_says_so(self, viewer: Client) -> None:
        two_weeks()
        report = make_report()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # rows that are still to be checked are in the way
            cursor.execute("ALTER TABLE maintenance_weeklyreport DISABLE TRIGGER weekly_report_no_update")
        report.content["figures"]["tasks_completed"] = 99
        report.save()
        text = read(viewer)
        assert "This report was changed." in text
        assert "Check Changed" in text

    def test_figures_that_were_corrected_since_are_named(self, viewer: Client) -> None:
        two_weeks()
        make_report()
        assert "Something was corrected since" not in read(viewer)
        RunDay.objects.filter(day=MONDAY, task="").update(failed=2)
        text = read(viewer)
        assert "figures have changed since the report was frozen, because something was corrected." in text
        assert "Runs failed: 0 then, 2 now" in text
        assert "Success rate: 100.0 % then, 87.5 % now" in text

    def test_a_week_that_is_not_over_is_shown_as_not_frozen(self, viewer: Client) -> None:
        two_weeks()
        runs(MONDAY + 7 * A_DAY)
        text = read(viewer, "/reports/2026-W15/")
        assert "Not frozen. The week is not over: these are its figures so far." in text
        assert "Tasks completed 14 So far 14 were planned" in text
        assert "No week before" not in text
        assert "pt" not in text.split()
        assert "SHA-256" not in text
        assert not WeeklyReport.objects.exists()

    def test_one_that_is_over_and_not_frozen_is_shown_too(self, viewer: Client) -> None:
        two_weeks()
        text = read(viewer)
        assert "Not frozen. The week is over" in text

    @pytest.mark.parametrize(
        ("week", "says"),
        [
            ("2026-W01", "There is no data of 2026-W01: the first is of 23 Mar 2026."),
            ("2026-W40", "2026-W40 has not begun: it begins on 28 Sep 2026."),
            ("2026-W54", "There is no week 54 in 2026."),
            ("last", "“last” is not a week. Write it as 2026-W14."),
            ("%00", "is not a week"),
        ],
    )
    def test_what_has_no_report_is_a_404_in_words(self, viewer: Client, week: str, says: str) -> None:
        two_weeks()
        assert says in read(viewer, f"/reports/{week}/", 404).replace("&quot;", "“")
        told_so = viewer.get(f"/reports/{week}.json")
        assert (told_so.status_code, told_so["Content-Type"]) == (404, "application/problem+json")
        assert says in told_so.json()["detail"]
        assert viewer.get(f"/reports/{week}.csv").status_code == 404

    def test_a_paused_schedule_is_told(self, viewer: Client) -> None:
        two_weeks()
        make_report()
        assert "The weekly report is paused" not in read(viewer)
        Schedule.objects.filter(key="weekly-report").update(paused_at=NOW - dt.timedelta(days=2))
        assert "The weekly report is paused since 4 Apr 2026" in read(viewer)


class TestFiles:
    def test_json_names_its_digest_and_keeps_the_order_of_the_catalogue(self, viewer: Client) -> None:
        two_weeks()
        report = make_report()
        answer = viewer.get(f"/reports/{WEEK}.json")
        found = json.loads(answer.content)
        assert answer["Content-Disposition"] == 'attachment; filename="report-2026-W14.json"'
        assert (found["digest"], found["week_starting"]) == (report.digest, "2026-03-30")
        assert found["content"] == report.content
        assert list(found["content"]["n"]) == list(KPIS)
        assert list(found["content"]["figures"]) == ["from", "to", "week_starting", *KPIS]

    def test_csv_has_a_line_for_every_figure_and_no_formula(self, viewer: Client) -> None:
        trouble()
        Schedule.objects.get(key="weekly").tasks.filter(task="database_maintenance").update(label="=cmd()")
        make_report()
        rows = list(csv.DictReader(io.StringIO(viewer.get(f"/reports/{WEEK}.csv").content.decode())))
        assert {row["section"] for row in rows} == {"week", "tasks", "tiers", "services"}
        names = {row["name"] for row in rows if row["item"] == "database_maintenance"}
        assert names == {"'=cmd()"}
        (rate,) = (row for row in rows if row["section"] == "week" and row["figure"] == "success_rate")
        assert (rate["before"], rate["n"]) == ("1.0", "17")

    def test_a_week_that_is_not_frozen_has_no_file(self, viewer: Client) -> None:
        two_weeks()
        found = get_json(viewer, f"/reports/{WEEK}.json", 404)
        assert found["detail"] == "2026-W14 is not frozen. Its page shows what is known of it."


class TestList:
    def test_it_lists_what_is_frozen_and_says_what_is_not(self, viewer: Client) -> None:
        assert "No report yet" in read(viewer, "/reports/")
        two_weeks()
        text = read(viewer, "/reports/")
        assert (
            "2 weeks are over and not frozen: 2026-W13 , 2026-W14 . The next run of the weekly report freezes them."
            in text
        )
        for monday in (BEFORE, MONDAY):
            make_report(monday)
        text = read(viewer, "/reports/")
        assert "over and not frozen" not in text
        assert text.index("Week 14, 2026") < text.index("Week 13, 2026")
        assert "14 0 20s 0s 100.0 % 0.0 pt" in text

    def test_a_year_is_a_page(
        self, viewer: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        two_weeks()
        for monday in (BEFORE, MONDAY):
            make_report(monday)
        monkeypatch.setattr("maintenance.views.reports.PAGE_SIZE", 1)
        viewer.get("/reports/")
        with django_assert_num_queries(LIST_QUERIES):
            page = viewer.get("/reports/").content.decode()
        assert "?before=2026-03-30" in page
        older = viewer.get("/reports/?before=2026-03-30").content.decode()
        assert ("Week 13, 2026" in older, "Week 14, 2026" in older, "?before=" in older) == (True, False, False)
        for wrong in ("x", "20260330", "2026-W14-1", "2026-03-30&before=2026-03-23"):
            assert viewer.get(f"/reports/?before={wrong}").status_code == 422
        none = read(viewer, "/reports/?before=2020-01-01")
        assert "No report of a week before 1 Jan 2020" in none
        assert "No report yet" not in none
        assert report_rows.PAGE_SIZE == 53


class TestSending:
    def test_it_goes_to_each_address_and_is_listed(self, lead: Client, people: dict[str, Person]) -> None:
        two_weeks()
        make_report()
        text = told(lead, f"{PAGE}send/", {"to": "board@example.org\nPress@example.org, board@example.org"})
        assert "The report is queued for 2 addresses." in text
        assert "Sent to nobody yet: 2 queued" in text
        Notice.objects.filter(recipient="board@example.org").update(state="sent")
        Notice.objects.exclude(recipient="board@example.org").update(state="failed", last_error="EMAIL_URL is not set")
        assert read(lead).count("Sent to 1, 1 failed and tried again") == 2
        assert {notice.recipient for notice in Notice.objects.all()} == {"board@example.org", "Press@example.org"}
        text = told(lead, f"{PAGE}send/", {"to": "board@example.org"})
        assert "Not sent again, for it was sent there before: board@example.org." in text

    @pytest.mark.parametrize(
        ("to", "says"), [("", "Write at least one"), ("nobody", "“nobody” is no e-mail address"), ("\0", "Null")]
    )
    def test_what_is_wrong_is_said_at_the_field(self, lead: Client, to: str, says: str) -> None:
        two_weeks()
        make_report()
        assert says in told(lead, f"{PAGE}send/", {"to": to}, 422)
        assert not Notice.objects.exists()

    def test_what_is_not_frozen_cannot_be_sent(self, lead: Client) -> None:
        two_weeks()
        answer = lead.post(f"{PAGE}send/", {"to": "board@example.org"})
        assert answer.status_code == 404
        assert f"{WEEK} is not frozen, and only what is frozen is sent" in answer.content.decode()
        tickets(MONDAY + 7 * A_DAY)
        assert "is not frozen" in read(lead, "/reports/2026-W15/send/", 404)
        assert "There is no week 54 in 2026" in read(lead, "/reports/2026-W54/send/", 404)
        assert not Notice.objects.exists()


PAGE_QUERIES, LIST_QUERIES = 13, 10
