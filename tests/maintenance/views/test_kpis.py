"""The KPIs as page, JSON and CSV."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from incidents.models import PersonDay, TicketDay
from maintenance.kpis import writing
from maintenance.kpis.catalog import KPIS
from maintenance.models import Occurrence, Probe, RunDay, ServiceDay
from maintenance.views import kpi_board, kpi_table_files, kpi_tables
from tests.maintenance.kpis.rolled import a_world, write
from tests.maintenance.kpis.run_history import make_schedules
from tests.maintenance.made import add_finding, make_run
from zbmaint.access.models import Person
from zbmaint.rollup import rolling
from zbmaint.rollup.models import Rolled, RolledDay
from zbmaint.rollup.spread import pack

SignIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
NOW = dt.datetime(2026, 4, 5, 3, 12, tzinfo=dt.UTC)
HOUR = 3_600_000_000


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Boards are kept for what they show; two tests may show the same of different rows."""
    kpi_board.rendered.cache_clear()
    kpi_board.values_of.cache_clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


def day(number: int) -> dt.date:
    """So many days before today."""
    return NOW.date() - dt.timedelta(days=number)


def rolled(*numbers: int) -> None:
    """Roll up: these days were changed, so many days before today."""
    for kind in ("findings", "runs", "services", "tickets"):
        known, _ = Rolled.objects.get_or_create(kind=kind, defaults={"at": NOW, "until": NOW.date()})
        Rolled.objects.filter(kind=kind).update(edition=known.edition + 1)
        for number in numbers:
            row = {"digest": "changed", "edition": known.edition + 1}
            RolledDay.objects.update_or_create(kind=kind, day=day(number), defaults=row)


def run_day(number: int, succeeded: int = 20, failed: int = 0, **facts: object) -> RunDay:
    durations = pack([60_000] * succeeded)
    return RunDay.objects.create(day=day(number), succeeded=succeeded, failed=failed, durations=durations, **facts)


def page(client: Client, status: int = 200, /, **query: str) -> str:
    answer = client.get(f"/kpis/?{urlencode(query)}")
    assert answer.status_code == status
    return answer.content.decode()


def days(client: Client, first: str, last: str) -> str:
    return page(client, 200, **{"from": first, "to": last})


def row(text: str, key: str) -> list[str]:
    """The cells of a KPI, without what opens."""
    found = re.search(rf'id="how-{key}".*?</tr>', text, re.DOTALL)
    assert found is not None
    return [
        " ".join(html.unescape(re.sub(r"<[^>]+>", "", cell)).split())
        for cell in re.findall(r"<td.*?</td>", found[0], re.DOTALL)
    ]


def figures(answer: Any) -> dict[str, str]:
    """The keys and values of a CSV file."""
    return dict(list(csv.reader(io.StringIO(answer.content.decode())))[1:])


class TestNumbers:
    """One source, three ways to read it."""

    @pytest.mark.parametrize(
        "query", ["week=2026-W10", "from=2026-03-01&to=2026-03-08&tier=2&task=log_rotation&severity=high"]
    )
    def test_page_json_and_csv_are_the_same_to_the_last_digit(self, viewer: Client, query: str) -> None:
        write(a_world(14))
        told = viewer.get(f"/kpis.json?{query}").json()
        text = viewer.get(f"/kpis/?{query}").content.decode()
        in_file = figures(viewer.get(f"/kpis.csv?{query}"))
        assert list(in_file) == list(told)
        assert in_file == {key: "" if value is None else str(value) for key, value in told.items()}
        for key, kpi in KPIS.items():
            assert row(text, key)[0] == writing.value_of(kpi, told[key]).replace("\u00a0", " "), key

    def test_a_week_says_when_it_begins(self, viewer: Client) -> None:
        told = viewer.get("/kpis.json?from=2026-03-30&to=2026-04-05").json()
        assert (told["from"], told["to"], told["week_starting"]) == ("2026-03-30", "2026-04-05", "2026-03-30")
        assert "week_starting" not in viewer.get("/kpis.json?from=2026-03-30&to=2026-04-04").json()

    def test_nothing_known_is_null_and_not_zero(self, viewer: Client) -> None:
        assert viewer.get("/kpis.json").json()["success_rate"] is None
        assert "Nothing was recorded" in page(viewer)

    def test_an_empty_page_leads_to_another_one(self, viewer: Client) -> None:
        rolled(0)
        run_day(0, 3, 1)
        assert '<a class="btn" href="/kpis/?week=2026-W14">Show this week so far</a>' in page(viewer)
        assert "Nothing to show yet" not in page(viewer, week="2026-W14")
        before = page(viewer, week="2026-W02")
        assert '<a class="btn" href="/kpis/">Show the last 30 days</a>' in before
        assert "Show this week so far" not in before

    def test_a_chart_is_a_file_too(self, viewer: Client) -> None:
        run_day(1, 3, 1)
        answer = viewer.get("/kpis/charts/success.csv?range=7")
        lines = list(csv.reader(io.StringIO(answer.content.decode())))
        assert lines[0] == ["from", "to", "success_rate", "runs", "success_rate_strict", "missed"]
        assert lines[-1] == ["2026-04-04", "2026-04-04", "0.75", "4", "0.75", "0"]

    def test_a_task_that_did_nothing_on_a_known_day_did_nothing_in_the_chart_too(self, viewer: Client) -> None:
        run_day(1, 3, 1)
        told = viewer.get("/kpis.json?from=2026-04-04&to=2026-04-04&task=log_rotation").json()
        assert (told["occurrences_missed"], told["tasks_completed"], told["success_rate"]) == (0, 0, None)
        for chart, line in (("success", ",0,,0"), ("durations", "0,,,")):
            text = viewer.get(f"/kpis/charts/{chart}.csv?from=2026-04-03&to=2026-04-04&task=log_rotation").content
            _, unknown, known = text.decode().split()
            assert unknown.startswith("2026-04-03,2026-04-03,,"), chart
            assert known == f"2026-04-04,2026-04-04,{line}", chart

    @pytest.mark.parametrize(("path", "known"), [("charts/nope", "flow, targets"), ("tables/nope", "tiers, people")])
    def test_a_file_that_does_not_exist_is_a_problem_that_names_those_that_do(
        self, viewer: Client, path: str, known: str
    ) -> None:
        answer = viewer.get(f"/kpis/{path}.csv")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert f"“nope”. Ask for: {known}" in answer.json()["detail"]

    def test_charts_are_in_the_order_of_their_keys(self, viewer: Client) -> None:
        run_day(1)
        assert (
            tuple(re.findall(r'<figure class="chart panel" id="(\w+)">', page(viewer, range="7"))) == kpi_board.CHARTS
        )

    def test_every_table_is_a_file_with_the_same_rows(self, viewer: Client, people: dict[str, Person]) -> None:
        write(a_world(14))
        probe = Probe.objects.earliest("pk")
        ServiceDay.objects.filter(probe=1).update(probe=probe.pk)
        PersonDay.objects.create(day=dt.date(2026, 3, 8), person=people["tier1"], answered=3, resolved=2, open=1)
        query = "from=2026-03-01&to=2026-03-08"
        text = viewer.get(f"/kpis/?{query}").content.decode()
        read = {}
        for key in kpi_table_files.KEYS:
            assert f'href="/kpis/tables/{key}.csv?{query.replace("&", "&amp;")}"' in text, key
            head, *lines = csv.reader(io.StringIO(viewer.get(f"/kpis/tables/{key}.csv?{query}").content.decode()))
            shown = re.search(rf'<section class="panel" id="{key}".*?<tbody>(.*?)</tbody>', text, re.DOTALL)
            assert shown is not None
            assert len(lines) == shown[1].count("<tr>") > 0, key
            read[key] = [dict(zip(head, line, strict=True)) for line in lines]
        assert read["people"] == [
            {"username": "tier1", "name": people["tier1"].name, "open": "1", "answered": "3", "resolved": "2"}
        ]
        told = viewer.get(f"/kpis.json?{query}&tier=2").json()
        (tier,) = read["tiers"]
        assert (tier["tier"], tier["received"]) == ("2", str(told["tickets_opened"]))
        assert tier["response_compliance"] == str(told["response_compliance"])
        told = viewer.get(f"/kpis.json?{query}&task=log_rotation").json()
        (task,) = read["tasks"]
        assert (task["task"], task["completed"]) == ("log_rotation", str(told["tasks_completed"]))
        assert task["success_rate"] == str(told["success_rate"])
        of_lengths = {"p50": "task_duration_p50", "p95": "task_duration_p95", "mean": "average_task_duration"}
        for name, key in (of_lengths | {"max": "task_duration_max"}).items():
            assert task[f"{name}_seconds"] == str(told[f"{key}_seconds"]), key
        told = viewer.get(f"/kpis.json?{query}&service={probe.pk}").json()
        (service,) = [row for row in read["services"] if row["service"] == str(probe.pk)]
        assert (service["name"], service["uptime"]) == (probe.name, str(told["uptime"]))

    def test_a_name_is_no_formula_in_a_file(self, viewer: Client) -> None:
        write(a_world(14))
        probe = Probe.objects.earliest("pk")
        Probe.objects.filter(pk=probe.pk).update(name="=cmd|' /C calc'!A0")
        ServiceDay.objects.filter(probe=1).update(probe=probe.pk)
        told = viewer.get("/kpis/tables/services.csv?from=2026-03-01&to=2026-03-08").content.decode()
        assert "'=cmd|' /C calc'!A0" in [line[-1] for line in csv.reader(io.StringIO(told))]

    @pytest.mark.parametrize("key", kpi_table_files.KEYS)
    def test_a_table_costs_the_same_whatever_is_in_it(
        self, viewer: Client, django_assert_num_queries: DjangoAssertNumQueries, key: str
    ) -> None:
        viewer.get("/kpis.json")
        write(a_world(14))
        with django_assert_num_queries(13):
            viewer.get(f"/kpis/tables/{key}.csv?from=2026-03-01&to=2026-03-08")


class TestPeriods:
    """Which days are meant."""

    def test_without_a_word_it_is_the_thirty_days_that_are_over(self, viewer: Client) -> None:
        told = viewer.get("/kpis.json").json()
        assert (told["from"], told["to"]) == ("2026-03-06", "2026-04-04")

    @pytest.mark.parametrize(
        ("query", "first", "last"),
        [
            ({"range": "7"}, "2026-03-29", "2026-04-04"),
            ({"range": "90"}, "2026-01-05", "2026-04-04"),
            ({"range": "quarter"}, "2026-04-01", "2026-04-04"),
            ({"week": "2026-W13"}, "2026-03-23", "2026-03-29"),
            ({"from": "2026-02-28", "to": "2026-02-28"}, "2026-02-28", "2026-02-28"),
            ({"range": "7", "from": "2026-03-29", "to": "2026-04-04"}, "2026-03-29", "2026-04-04"),
            ({"range": "7", "from": "2026-03-01", "to": "2026-04-04"}, "2026-03-01", "2026-04-04"),
        ],
    )
    def test_it_is_said_in_the_address(self, viewer: Client, query: dict[str, str], first: str, last: str) -> None:
        told = viewer.get(f"/kpis.json?{urlencode(query)}").json()
        assert (told["from"], told["to"]) == (first, last)

    def test_the_address_goes_on_with_everything(self, viewer: Client) -> None:
        text = html.unescape(page(viewer, range="7", tier="2", severity="high", task="log_rotation"))
        for key in (
            "range=90&task=log_rotation&tier=2&severity=high",
            "week=2026-W13&task=log_rotation&tier=2&severity=high",
        ):
            assert f'href="/kpis/?{key}"' in text
        assert 'href="/kpis.csv?from=2026-03-29&to=2026-04-04&task=log_rotation&tier=2&severity=high"' in text
        assert '<input type="hidden" name="range" value="7">' in text

    def test_a_period_to_come_is_empty_with_words(self, viewer: Client) -> None:
        rolled()
        run_day(1)
        assert "This period has not begun" in days(viewer, "2026-04-06", "2026-04-12")
        assert "This period has not begun" not in days(viewer, "2026-04-05", "2026-04-12")

    def test_the_task_that_no_version_knows_any_more_keeps_its_history(self, viewer: Client) -> None:
        run_day(1)
        run_day(1, 3, category="preventive", task="of_old")
        text = page(viewer, range="7", task="of_old")
        assert '<option value="of_old" selected>of_old</option>' in text
        assert row(text, "tasks_completed")[0] == "3"


FILES = ("/kpis.json", "/kpis.csv", "/kpis/charts/queue.csv", "/kpis/tables/tiers.csv")
BAD = [
    ({"from": "yesterday", "to": "2026-04-04"}, "“yesterday” is not a day. Write it as 2026-04-05."),
    ({"from": "2026-04-04", "to": "2026-04-01"}, "The last day (2026-04-01) is before the first (2026-04-04)."),
    ({"from": "2026-04-04"}, "The last day is missing."),
    ({"from": "0001-01-01", "to": "9999-12-31"}, "Days are kept from 2000-01-01"),
    ({"from": "2020-01-01", "to": "2026-01-01"}, "at most 1,100"),
    ({"from": "20260404", "to": "2026-04-04"}, "is not a day"),
    ({"from": "2026-W01-1", "to": "2026-04-04"}, "“2026-W01-1” is not a day. Write it as 2026-04-05."),
    ({"week": "2026-W99"}, "There is no week 99 in 2026"),
    ({"range": "year"}, "There is no range “year”. Choose one of: 7, 30, 90, quarter."),
    ({"tier": "9"}, "There is no tier “9”. Choose one of: 1, 2, 3."),
    ({"severity": "bad"}, "There is no severity “bad”"),
    ({"task": "nothing"}, "There is no task “nothing”"),
    ({"service": "999999"}, "There is no service “999999”"),
    ({"category": "x" * 500 + "\x00"}, "There is no category"),
    ({"from": "\x00", "to": "²"}, "is not a day"),
]


@pytest.mark.parametrize(("query", "says"), BAD)
def test_what_means_nothing_is_said_and_the_page_still_works(viewer: Client, query: dict[str, str], says: str) -> None:
    run_day(1)
    text = html.unescape(page(viewer, 422, **{"tier": "2", **query}))
    assert says in text
    assert row(text, "success_rate")[0] == "100.0 %"
    assert "tier" in query or '<option value="2" selected>' in text  # nothing else is lost
    for path in FILES:
        answer = viewer.get(f"{path}?{urlencode(query)}")
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        assert says in answer.json()["detail"]
    assert viewer.get(f"/kpis/success_rate/?{urlencode(query)}").status_code == 422


STRAYS = pytest.mark.parametrize(
    ("query", "says"),
    [
        ("form=2026-03-01&to=2026-04-04", "There is no “form”. An address may have: range, week, from, to, task,"),
        ("from=2026-03-01&to=2026-04-04&to=2026-04-03", "“to” is there 2 times. Give it once."),
        ("tier=1&tier=1", "“tier” is there 2 times. Give it once."),
        ("week=2026-W13&from=2026-03-01&to=2026-03-02", "Give a week, or a first and a last day, not both."),
        ("page=2", "There is no “page”."),
    ],
)


@pytest.mark.parametrize("path", FILES)
@STRAYS
def test_a_file_takes_no_name_that_it_does_not_know_and_none_twice(
    viewer: Client, path: str, query: str, says: str
) -> None:
    answer = viewer.get(f"{path}?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert says in answer.json()["detail"]


@STRAYS
def test_a_page_says_which_name_it_does_not_know_or_has_twice(viewer: Client, query: str, says: str) -> None:
    answer = viewer.get(f"/kpis/?{query}")
    assert answer.status_code == 422
    assert says in html.unescape(answer.content.decode())


def test_the_rows_behind_a_figure_know_their_places(viewer: Client) -> None:
    assert viewer.get("/kpis/success_rate/?range=7&part=0&page=2").status_code == 200
    answer = viewer.get("/kpis/success_rate/?range=7&pages=2")
    assert answer.status_code == 422
    assert "There is no “pages”. An address may have:" in html.unescape(answer.content.decode())


def test_the_first_day_that_may_be_asked_for_can_be_compared(viewer: Client) -> None:
    days(viewer, "2000-01-01", "2003-01-01")
    days(viewer, "2199-12-31", "2199-12-31")


class TestPage:
    """What the page says of its numbers."""

    def test_a_change_has_an_arrow_only_when_there_are_ten_on_both_sides(self, viewer: Client) -> None:
        run_day(1, 10)
        run_day(8, 8, 2)
        assert row(page(viewer, range="7"), "success_rate")[2] == "↑ +20.0 pt from 80.0 %"
        RunDay.objects.filter(day=day(8)).update(succeeded=7)
        kpi_board.rendered.cache_clear()
        assert row(page(viewer, range="7"), "success_rate")[2] == "77.7 % before"

    def test_at_the_head_stands_the_strict_success_rate_when_anything_was_missed(self, viewer: Client) -> None:
        run_day(1, 31, expected=36, missed=5)
        text = page(viewer, range="7")
        head = text[text.index('<dl class="tiles">') : text.index("</dl>")]
        assert '<a href="/kpis/success_rate_strict/?range=7">Success rate, strict</a>' in head
        assert '<dd class="value" data-tone="danger"><span class="delta">86.1</span>' in head
        assert "5 due times were missed" in head
        assert "36 runs and missed due times" in head
        assert ">Success rate</a>" not in head
        assert row(text, "success_rate")[0] == "100.0 %"
        assert row(text, "success_rate_strict")[0] == "86.1 %"

    def test_each_table_is_headed_by_what_a_row_is(self, viewer: Client) -> None:
        run_day(1, 10, category="preventive", task="log_rotation")
        run_day(1, 10, category="preventive")
        run_day(1, 10)
        text = page(viewer, range="7")
        heads = {
            key: re.search(rf'id="{key}".*?<th scope="col">(\w+)<', text, re.DOTALL) for key in ("tasks", "categories")
        }
        assert {key: found and found[1] for key, found in heads.items()} == {"tasks": "Task", "categories": "Category"}

    def test_a_change_has_no_colour(self, viewer: Client) -> None:
        run_day(1, 90, 10)
        run_day(8, 80, 20)
        text = page(viewer, range="7")
        assert "+10.0 pt" in text
        assert not re.search(r'data-tone="danger"[^>]*>(?:(?!</d[dl]>|</td>).)*pt', text, re.DOTALL)
        assert '<dd class="value" data-tone="danger"><span class="delta">90.0</span>' in text

    def test_only_a_target_gives_a_colour(self, viewer: Client) -> None:
        run_day(1, 90, 10)
        text = page(viewer, range="7")
        assert re.search(r'data-tone="danger"><span class="delta">90.0\u00a0%', text)
        assert not re.search(r'data-tone="\w+"><span class="delta">10</span>', text)  # runs failed have no target

    def test_little_observation_is_said(self, viewer: Client) -> None:
        sums = {"up": HOUR, "net_up": HOUR, "unknown": 23 * HOUR}
        ServiceDay.objects.create(day=day(1), probe=0, **sums)
        text = page(viewer, range="7")
        assert "Only 4.1\u00a0% of the time was observed" in text

    def test_down_time_that_was_taken_out_afterwards_is_said(self, viewer: Client) -> None:
        ServiceDay.objects.create(day=day(1), probe=0, up=HOUR, net_up=HOUR, down=HOUR, maintenance=HOUR, erased=HOUR)
        assert "1h of down time do not count" in page(viewer, range="7")

    def test_the_worst_service_stands_first_and_the_others_are_one_click_away(self, viewer: Client) -> None:
        base = Probe.objects.earliest("pk").__dict__
        facts = {key: value for key, value in base.items() if key not in ("id", "_state", "name")}
        probes = Probe.objects.bulk_create(Probe(name=f"Service {number:02}", **facts) for number in range(60))
        ServiceDay.objects.bulk_create(
            ServiceDay(day=day(1), probe=probe.pk, up=24 * HOUR, net_up=24 * HOUR - number, net_down=number)
            for number, probe in enumerate(probes)
        )
        text = page(viewer, range="7")
        listed = re.findall(r">(Service \d+)</a></th>", text)
        assert listed == [f"Service {number:02}" for number in range(59, 9, -1)]
        assert "All 60 services" in text
        every = viewer.get("/kpis/uptime_worst/?range=7").content.decode()
        assert len(re.findall(r">Service \d+</a></th>", every)) == 60
        assert "99.999" in every
        assert "100.000" in every

    def test_a_part_says_what_it_is_narrowed_to(self, viewer: Client) -> None:
        run_day(1)
        text = page(viewer, range="7", tier="2", task="log_rotation")
        assert "Only Log rotation" in text
        assert "Only tier 2" in text

    def test_htmx_gets_the_part_and_the_address_of_it(self, viewer: Client) -> None:
        run_day(1)
        answer = viewer.get("/kpis/?range=30&task=&tier=2", headers=HTMX)
        assert answer["HX-Push-Url"] == "/kpis/?tier=2"
        assert answer.content.decode().lstrip().startswith('<div class="stack" id="kpis">')


class TestKept:
    """A board is kept for exactly what it shows."""

    def test_it_is_read_once_and_again_when_days_were_rolled_or_names_changed(
        self, viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        rolled()
        run_day(1, 20)
        page(viewer, range="30")
        with django_assert_num_queries(21):
            page(viewer, range="7")
        with django_assert_num_queries(10):
            assert row(page(viewer, range="7"), "tasks_completed")[0] == "20"
        RunDay.objects.update(succeeded=21)
        rolled(1)
        assert row(page(viewer, range="7"), "tasks_completed")[0] == "21"
        probe = Probe.objects.earliest("pk")
        ServiceDay.objects.create(day=day(1), probe=probe.pk, up=HOUR, net_up=HOUR)
        rolled(1)
        assert f">{probe.name}</a>" in html.unescape(page(viewer, range="7"))
        Probe.objects.filter(pk=probe.pk).update(name="Called anew")
        assert ">Called anew</a>" in page(viewer, range="7")

    def test_rolling_today_or_days_that_it_does_not_read_leaves_it(
        self, viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        rolled()
        run_day(1)
        page(viewer, range="7")
        rolled(0, 7 + 7 + 28)
        with django_assert_num_queries(10):
            page(viewer, range="7")

    @pytest.mark.parametrize("number", [1, 7, 14, 14 + 27])
    def test_it_is_read_again_when_any_day_that_it_reads_becomes_another(self, viewer: Client, number: int) -> None:
        """Of the period, of the one before, and of the four weeks that tell the pace of that."""
        rolled()
        run_day(1)
        page(viewer, range="7")
        rolled(number)
        misses = kpi_board.rendered.cache_info().misses
        page(viewer, range="7")
        assert kpi_board.rendered.cache_info().misses == misses + 1

    def test_files_are_read_again_with_it(
        self, viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        rolled()
        run_day(1, 20)
        assert viewer.get("/kpis.json?range=7").json()["tasks_completed"] == 20
        with django_assert_num_queries(7):
            assert figures(viewer.get("/kpis.csv?range=7"))["tasks_completed"] == "20"
        RunDay.objects.update(succeeded=21)
        rolled(1)
        assert viewer.get("/kpis.json?range=7").json()["tasks_completed"] == 21
        assert viewer.get("/kpis.json?range=7&tier=2").json()["tickets_opened"] is None

    def test_as_of_goes_on_while_the_board_is_kept(self, viewer: Client) -> None:
        rolled()
        run_day(1)
        assert "03:12" in page(viewer, range="7")
        Rolled.objects.update(at=NOW + dt.timedelta(minutes=1))
        assert "03:13" in page(viewer, range="7")
        assert kpi_board.rendered.cache_info().hits == 1

    def test_queries_do_not_grow_with_what_is_there(
        self, viewer: Client, django_assert_num_queries: DjangoAssertNumQueries, people: dict[str, Person]
    ) -> None:
        write(a_world(14))
        TicketDay.objects.all().delete()
        TicketDay.objects.bulk_create(
            TicketDay(day=day(number), tier=tier, severity=severity, opened=3, answers=pack([4, 5]))
            for number in range(1, 60)
            for tier in range(4)
            for severity in ("", "high")
        )
        rolled()
        page(viewer, range="90")
        kpi_board.rendered.cache_clear()
        with django_assert_num_queries(21):
            page(viewer, range="90")


def listed(client: Client, key: str, part: int) -> list[str]:
    """What each row of a part says."""
    text = client.get(f"/kpis/{key}/?range=7&part={part}").content.decode()
    return re.findall(r"</div><small>(.*?)<span", text)


class TestRows:
    """The page of one KPI."""

    def test_it_says_how_the_kpi_is_made(self, viewer: Client) -> None:
        rolled()
        one_of_each = {kpi.rows: key for key, kpi in KPIS.items()}
        for key in one_of_each.values():
            text = html.unescape(viewer.get(f"/kpis/{key}/?range=7").content.decode())
            assert KPIS[key].formula in text, key
            assert KPIS[key].excluded in text, key
        assert viewer.get("/kpis/nothing/").status_code == 404

    def test_points_of_charts_lead_to_the_day_and_keep_the_filters(self, viewer: Client) -> None:
        run_day(1, 20, 1, category="preventive", task="log_rotation")
        text = html.unescape(page(viewer, range="7", task="log_rotation"))
        one = f"from={day(1)}&to={day(1)}&task=log_rotation"
        assert f'<a href="/kpis/success_rate/?{one}">95.2\u00a0%</a>' in text
        drawn = re.search(r'id="chart-success">(.*?)</script>', text, re.DOTALL)
        assert drawn is not None
        rate = next(trace for trace in json.loads(drawn[1])["data"] if trace["name"] == "Success rate")
        assert rate["customdata"] == [None] * 6 + [f"/kpis/success_rate/?{one}"]
        narrowed = viewer.get(rate["customdata"][-1]).content.decode()
        assert "compared with the day before" in narrowed
        assert "21 runs" in narrowed
        assert 'href="/kpis/runs_failed/?from=2026-03-29&to=2026-04-04&task=log_rotation"' in text

    def test_nothing_is_behind_what_is_not_known(self, viewer: Client) -> None:
        add_finding(make_run("warning"))
        rolling.roll_stale(NOW)
        known = viewer.get(f"/kpis/findings_open/?from={day(0)}&to={day(0)}").content.decode()
        assert "1 finding<" in known
        assert len(re.findall(r'<td class="title fill">', known)) == 1
        future = viewer.get("/kpis/findings_open/?from=2027-03-01&to=2027-03-31").content.decode()
        assert "0 findings" in future
        assert "None in this period" in future
        assert '<td class="title fill">' not in future
        for key, kpi in KPIS.items():
            if kpi.rows != "services":
                text = viewer.get(f"/kpis/{key}/?from=2027-03-01&to=2027-03-31").content.decode()
                assert "None in this period" in text, key

    def test_rows_that_were_deleted_for_their_age_are_not_said_to_be_none(
        self, viewer: Client, settings: LazySettings
    ) -> None:
        run_day(1, 3)
        address = f"/kpis/tasks_completed/?from={day(1)}&to={day(1)}"
        assert "None in this period" in viewer.get(address).content.decode()
        settings.RUN_RETENTION_DAYS = 1
        text = viewer.get(address).content.decode()
        assert "3 runs<" in text
        assert "No row is there any more" in text
        assert "Rows of before 5 Apr 2026 may be deleted: they are kept for 1 day." in text

    def test_a_due_time_says_why_it_counts_as_it_does(self, viewer: Client, people: dict[str, Person]) -> None:
        schedule = make_schedules()["cache_review"]
        hour = dt.timedelta(hours=1)
        stories = [
            (None, dt.timedelta(seconds=51), "Started within the 1h that are allowed"),
            (None, 2 * hour, "Started later than the 1h that are allowed"),
            ("cancelled", dt.timedelta(seconds=51), "Its run never began"),
            ("not_configured", dt.timedelta(seconds=51), "Its run never began"),
        ]
        for number, (state, late, _) in enumerate(stories):
            due_at = NOW - dt.timedelta(days=1, hours=number)
            ended = {"started_at": None, "finished_at": due_at + late}
            run = make_run(state, task="cache_review", **ended) if state else None
            Occurrence.objects.create(
                schedule=schedule, version=schedule.versions.get(), scheduled_task=schedule.tasks.get(), position=1,
                task="cache_review", due_at=due_at, start_by=due_at + hour, planned_at=due_at, state="started",
                decided_at=due_at + late, run=run,
            )  # fmt: skip
        rolling.roll_stale(NOW)
        parts = [listed(viewer, "schedule_adherence", part) for part in range(4)]
        assert parts == [[stories[1][2], stories[2][2]], [stories[0][2]], [], [stories[3][2]]]
        assert viewer.get("/kpis.json?range=7").json()["schedule_adherence"] == 1 / 3

    def test_the_load_of_a_person_leads_to_its_tickets(self, viewer: Client, people: dict[str, Person]) -> None:
        person = people["tier1"]
        PersonDay.objects.create(day=day(1), person=person, answered=3, resolved=0, open=1)
        TicketDay.objects.create(day=day(1), tier=0, severity="", open=1)
        text = html.unescape(page(viewer, range="7", tier="2"))
        assert f'<a href="/kpis/people/{person.pk}/?range=7&part=0">1</a>' in text
        assert f'<a href="/kpis/people/{person.pk}/?range=7&part=1">3</a>' in text
        assert f"/kpis/people/{person.pk}/?range=7&part=2" not in text  # nothing is behind it
        assert f"<strong>Excluded:</strong> {kpi_tables.NO_LOAD}" in text
        load = viewer.get(f"/kpis/people/{person.pk}/?range=7&part=1").content.decode()
        assert re.search(r'aria-current="page">Answered <span class="count">0</span>', load)
        assert viewer.get("/kpis/people/999999/").status_code == 404

    def test_who_may_not_see_the_rows_sees_the_figure(self, client_as: SignIn, people: dict[str, Person]) -> None:
        role = people["viewer"].role
        role.permissions.remove(role.permissions.get(codename="view_run"))
        text = client_as("viewer").get("/kpis/success_rate/").content.decode()
        assert "The rows are not for your role" in text
        assert "Success rate" in text
