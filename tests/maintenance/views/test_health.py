"""The health page, the page of a service, and reports."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.models import Link
from maintenance.actions import app_metrics, freezes, probes, windows
from maintenance.actions.app_metrics import Measured
from maintenance.kpis import service_days
from maintenance.models import SYSTEM, HealthReport, Outage, Probe, Run, ServiceDay, Target
from maintenance.rules.uptime import Totals
from maintenance.views.health_bars import bars, look_of
from maintenance.views.health_report import said
from maintenance.views.health_uptime import Figures
from tests.incidents.made import make_ticket
from tests.maintenance.probing import make_probe, make_window
from zbmaint.rollup import days

SignIn = Callable[[str], Client]
HOUR = 3_600_000_000
A_DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 4, 5)


def page(client: Client, path: str = "/health/", status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def up_for(probe: int, number: int = 90, **facts: int) -> None:
    """Whole days of a service, up unless it is said otherwise; the last is today."""
    today = days.day_of(timezone.now())
    given = {"up": 24 * HOUR, "net_up": 24 * HOUR} | facts
    ServiceDay.objects.bulk_create(
        ServiceDay(day=today - place * A_DAY, probe=probe, **given) for place in range(number)
    )


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


class TestBars:
    @pytest.mark.parametrize(
        ("totals", "state", "said"),
        [
            (None, "", ""),
            (Totals(), "", ""),
            (Totals(up=24 * HOUR, net_up=24 * HOUR), "up", ""),
            (Totals(up=24 * HOUR, degraded=HOUR), "degraded", "degraded for 60 min"),
            (Totals(up=23 * HOUR, degraded=HOUR, down=HOUR, net_down=HOUR), "down", "down for 60 min"),
            (Totals(up=23 * HOUR, down=HOUR), "maintenance", "down for 60 min in approved maintenance"),
            (Totals(unknown=24 * HOUR), "unknown", ""),
            (Totals(up=2 * HOUR, unknown=22 * HOUR), "unknown", "known for 2 h only, and up"),
            (Totals(up=23 * HOUR, unknown=HOUR), "up", ""),
        ],
    )
    def test_what_a_day_looks_like(self, totals: Totals | None, state: str, said: str) -> None:
        assert look_of(totals) == (state, said)

    def test_days_that_are_well_are_one_path_and_others_stand_alone(self) -> None:
        well, bad = Totals(up=24 * HOUR), Totals(up=23 * HOUR, down=HOUR, net_down=HOUR)
        totals = {TODAY - place * A_DAY: well for place in range(60)} | {
            TODAY - 10 * A_DAY: bad,
            TODAY - 9 * A_DAY: bad,
        }
        drawn = bars(totals, TODAY)
        assert [(each.state, each.d, each.title) for each in drawn.stretches] == [
            ("up", "M150 0h243.4", "5 Feb to 25 Mar: up all day"),
            ("down", "M395 0h3.4", "26 Mar: down for 60 min"),
            ("down", "M400 0h3.4", "27 Mar: down for 60 min"),
            ("up", "M405 0h43.4", "28 Mar to 5 Apr: up all day"),
        ]
        assert drawn.label == "Days: 58 up, 2 down. Last: 26 Mar down for 60 min; 27 Mar down for 60 min"
        assert bars({}, TODAY).label == "Nothing is known of these days"


class TestFigures:
    def test_they_are_floored_and_a_dash_when_nothing_is_known(self) -> None:
        up, down = 999_996 * HOUR, 4 * HOUR
        almost = Figures(Totals(up=up, net_up=up, down=down, net_down=down))
        assert (almost.net, almost.gross, almost.coverage) == ("99.999\u00a0%", "99.999\u00a0%", "100.0\u00a0%")
        nothing = Figures(Totals(unknown=24 * HOUR))
        assert (nothing.net, nothing.gross, nothing.coverage, nothing.is_covered) == ("—", "—", "0.0\u00a0%", False)
        assert Figures(Totals()).coverage == "—"
        half = Figures(Totals(up=HOUR, net_up=HOUR, unknown=HOUR))
        assert (half.net, half.coverage, half.is_covered) == ("100.000\u00a0%", "50.0\u00a0%", False)
        less = Figures(Totals(up=HOUR, net_up=HOUR, unknown=HOUR + 1))
        assert (less.net, less.gross, less.coverage, less.is_covered) == ("—", "—", "49.9\u00a0%", False)


@pytest.mark.django_db
class TestPage:
    def test_the_parts_stand_with_their_probes_and_what_they_took(self, viewer: Client) -> None:
        now = timezone.now()
        probe = make_probe("API", component="application", critical=True)
        Probe.objects.filter(pk=probe.pk).update(state="degraded", last_at=now, last_ms=2400, last_reason="Slow.")
        html = page(viewer)
        assert "API is degraded: Slow." in html
        card = re.search(r'<li class="panel" id="card-application" data-health="(\w+)".*?</li>', html)
        assert card is not None
        assert card[1] == "degraded"
        assert f'<a href="/health/{probe.pk}/">API</a></dt><dd>Degraded, 2.4s</dd>' in card[0]
        assert 'id="health-overall"' in html
        assert html.count('name="seen"') == 5

    def test_numbers_have_bars_with_the_peak_of_today_and_say_whose_they_are(self, viewer: Client) -> None:
        Target.objects.create(name="api", kind="application", reference="env:API_URL")
        now = timezone.now()
        gb = 1024.0**3
        app_metrics.keep([Measured("api", now, {"memory_used_bytes": 3 * gb, "memory_max_bytes": 4 * gb})])
        app_metrics.keep([Measured("api", now, {"connections_active": 58.0, "connections_max": 60.0})])
        app_metrics.keep([Measured("zbmaint database", now, {"connections": 12.0, "connections_max": 97.0})])
        html = page(viewer)
        api = re.search(r'<li class="panel" id="card-source-api" data-health="(\w+)".*?</li>', html)
        assert api is not None
        assert api[1] == "degraded", "its pool is nearly used up"
        assert "3.00 GiB of 4.00 GiB" in api[0]
        assert 'aria-label="Connections in use of api, 58 of 60"' in api[0]
        assert "Peak today 58" in api[0]
        assert "Numbers of the application." in api[0]
        own = re.search(r'id="card-source-database".*?</li>', html)
        assert own is not None
        assert "12 of 97, 0 idle" in own[0]
        assert "Numbers of the desk&#x27;s own server." in own[0]

    def test_what_has_no_limit_has_no_bar(self, viewer: Client) -> None:
        Target.objects.create(name="api", kind="application", reference="env:API_URL")
        app_metrics.keep([Measured("api", timezone.now(), {"threads_live": 133.0, "memory_used_bytes": 2.0**30})])
        html = page(viewer)
        api = re.search(r'id="card-source-api".*?</li>', html)
        assert api is not None
        assert "133" in api[0]
        assert "Peak today 1.00 GiB" in api[0]
        assert "<meter" not in api[0]

    def test_uptime_has_the_platform_first_then_each_service(self, viewer: Client) -> None:
        probe = make_probe("API")
        up_for(SYSTEM)
        up_for(probe.pk, up=12 * HOUR, net_up=12 * HOUR, unknown=12 * HOUR)
        html = page(viewer)
        uptime = html[html.index('id="uptime-title"') : html.index('id="outages-title"')]
        assert uptime.index("The platform") < uptime.index(">API<")
        assert '<output>100.000 %</output><small class="muted">100.0 % known</small>' in uptime
        assert "only 50.0 % known" in uptime
        assert "nothing known" in uptime, "of the probes that nobody has read"

    def test_why_there_is_no_uptime_is_said_beside_it(self, viewer: Client) -> None:
        minutes = HOUR // 60
        young = make_probe("Young")
        up_for(young.pk, 1, up=10 * minutes, net_up=10 * minutes)
        up_for(make_probe("Dark").pk, 1, up=8 * HOUR, net_up=8 * HOUR, unknown=16 * HOUR)
        html = page(viewer)
        assert '<output>—</output><small data-tone="warning">100.0 % known, less than 15 min in all</small>' in html
        assert '<output>—</output><small data-tone="warning">only 33.3 % known, less than half</small>' in html
        assert html.count("known, less than") == 2
        assert page(viewer, f"/health/{young.pk}/").count(">Less than 15 min in all</span>") == 3

    def test_outages_have_their_length_and_their_ticket(self, viewer: Client) -> None:
        probe, now = make_probe("API"), timezone.now()
        old = now - 100 * A_DAY
        Outage.objects.create(probe=probe, started_at=old, confirmed_at=old, ended_at=old + A_DAY, reason="Long ago")
        since = now - dt.timedelta(hours=3)
        ended = Outage.objects.create(
            probe=probe,
            started_at=since,
            confirmed_at=since,
            ended_at=since + dt.timedelta(minutes=20),
            reason="Refused",
        )
        Outage.objects.create(probe=probe, started_at=now, confirmed_at=now, reason="Refused again")
        ticket = make_ticket()
        Link.objects.create(ticket=ticket, kind="outage", ref=str(ended.pk), label="x")
        html = page(viewer)
        assert "2 in 90 days, 20m" in html
        assert "Goes on" in html
        assert f'<a href="{ticket.get_absolute_url()}">{ticket}</a>' in html
        assert "Long ago" not in html

    def test_windows_that_nobody_approved_are_told_as_such(self, viewer: Client, people: Any) -> None:
        assert 'id="health-coming"' not in page(viewer)
        probe = make_probe("API")
        asked = [make_window([probe], people["tier2"], begins=timezone.now() + A_DAY) for _ in range(3)]
        assert "3 maintenance windows not approved</a>" in page(viewer)
        windows.approve(asked[0], actor=people["lead"])
        assert "1 maintenance window now or to come, 2 more not approved</a>" in page(viewer)
        for each in asked[1:]:
            windows.withdraw(each, actor=people["tier2"])
        assert "1 maintenance window now or to come</a>" in page(viewer)

    def test_nothing_new_is_204_and_only_what_changed_is_sent(self, viewer: Client) -> None:
        probe = make_probe("API")
        seen = re.findall(r'name="seen" value="([^"]*)"', page(viewer))
        assert viewer.get("/health/live/", {"seen": seen}).status_code == 204
        Outage.objects.create(probe=probe, started_at=timezone.now(), confirmed_at=timezone.now(), reason="Refused")
        html = page(viewer, "/health/live/?" + "&".join(f"seen={each}" for each in seen))
        assert re.findall(r'id="part-(\w+)"', html) == ["outages"]

    def test_the_number_of_queries_does_not_depend_on_what_there_is(
        self, viewer: Client, settings: Any, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        settings.STUCK_BANNER_SECONDS = 0
        page(viewer)
        with django_assert_num_queries(37):
            page(viewer)
        self.many(viewer)
        with django_assert_num_queries(37):
            page(viewer)

    def many(self, viewer: Client) -> None:
        now, today = timezone.now(), days.day_of(timezone.now())
        names = [f"Service {number:03} of the platform" for number in range(200)]
        probes = Probe.objects.bulk_create(
            Probe(
                name=name,
                kind="http",
                parameters={},
                next_at=now,
                component=("application", "database", "external")[number % 3],
                last_at=now,
                last_ms=120,
                state="up",
            )
            for number, name in enumerate(names)
        )
        rows = [(probe, place) for probe in probes for place in range(90)]
        ServiceDay.objects.bulk_create(
            ServiceDay(
                day=today - place * A_DAY,
                probe=probe.pk,
                up=24 * HOUR,
                net_up=24 * HOUR - (place % 9 == 0) * HOUR,
                net_down=(place % 9 == 0) * HOUR,
            )
            for probe, place in rows
        )
        up_for(SYSTEM)

    def test_two_hundred_services_stay_a_page_that_can_be_read(self, viewer: Client) -> None:
        self.many(viewer)
        answer = viewer.get("/health/")
        html = answer.content.decode()
        assert len(answer.content) <= 150_000
        assert html.count('class="days"') == 25
        assert set(re.findall(r">(Service \d{3} of the platform)<", html)) == {
            f"Service {number:03} of the platform" for number in range(200)
        }
        folded = re.findall(r"<summary><span>(.*?)</span>", html)
        assert [each.partition(":")[0] for each in folded][:2] == ["Application", "Database"]


@pytest.mark.django_db
class TestService:
    def test_it_has_state_readings_uptime_and_outages(self, viewer: Client) -> None:
        now = timezone.now()
        probe = make_probe("API", critical=True)
        Probe.objects.filter(pk=probe.pk).update(state="up", last_at=now, last_ms=22, state_since=now)
        probe.readings.create(at=now, milliseconds=22, state="up")
        up_for(probe.pk, 3)
        up_for(probe.pk + 1000, 3)
        html = page(viewer, f"/health/{probe.pk}/")
        for words in ("The platform is down when it is", "took 22 ms", "Last 7", "Last 30", "Last 90", "Last readings"):
            assert words in html
        assert html.count("100.000 %") == 6

    def test_readings_stand_below_the_day_they_are_of(self, viewer: Client) -> None:
        probe = make_probe("API")
        noon = dt.datetime(2026, 4, 5, 12, tzinfo=dt.UTC)
        for hours in (0, 1, 24):
            probe.readings.create(at=noon - dt.timedelta(hours=hours), milliseconds=22, state="up")
        html = page(viewer, f"/health/{probe.pk}/")
        listed = re.findall(r'scope="rowgroup">.*?>(\d+ \w+ 2026)<|>(\d\d:\d\d:00)<', html)
        assert listed == [("5 Apr 2026", ""), ("", "12:00:00"), ("", "11:00:00"), ("4 Apr 2026", ""), ("", "12:00:00")]

    def test_what_is_the_product_s_own_is_called_so(self, viewer: Client) -> None:
        probe = make_probe("Cache", kind="redis", parameters={"reference": "own"})
        assert "Redis, the desk&#x27;s own." in page(viewer, f"/health/{probe.pk}/")

    def test_who_paused_it_stands_among_the_readings(self, viewer: Client, people: Any) -> None:
        probe = make_probe("API")
        probe.readings.create(at=timezone.now() - dt.timedelta(seconds=9), milliseconds=22, state="up")
        probes.pause(probe, actor=people["lead"])
        html = page(viewer, f"/health/{probe.pk}/")
        assert html.count("Paused by lead.") == 3, "beside the last reading, and in the list with its title"
        assert '<td class="num">–</td>' in html
        assert "0 ms" not in html
        assert ", took" not in html

    def test_erased_down_time_is_listed_with_who_approved_it(self, viewer: Client, people: Any) -> None:
        now = timezone.now()
        probe = make_probe("API")
        Probe.objects.filter(pk=probe.pk).update(created_at=now - 5 * A_DAY)
        noon = days.begins(days.day_of(now) - A_DAY) + dt.timedelta(hours=12)
        hour = dt.timedelta(hours=1)
        probe.spans.create(begins=noon, ends=noon + hour, state="down")
        window = probe.windows.create(
            begins_at=noon,
            ends_at=noon + hour,
            reason="Moved the rack",
            requested_by=people["tier2"],
            requested_at=noon,
            approved_by=people["lead"],
            approved_at=noon + 3 * hour,
        )
        assert window.pk
        service_days.roll(days.day_of(noon), now)
        html = page(viewer, f"/health/{probe.pk}/")
        assert "60 min erased</small>" in page(viewer), "wherever the uptime is"
        row = re.search(r"<tr>(?:(?!<tr>).)*Moved the rack.*?</tr>", html)
        assert row is not None
        assert "<td>lead</td>" in row[0]
        assert ">1h<" in row[0]

    def test_one_that_was_never_read_says_so(self, viewer: Client) -> None:
        html = page(viewer, f"/health/{make_probe('API').pk}/")
        assert "Nothing was read yet" in html
        assert "No outage in 90 days" in html
        assert html.count(">—<") == 9
        assert page(viewer, "/health/999999/", 404)

    def test_queries_are_few(
        self, viewer: Client, settings: Any, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        settings.STUCK_BANNER_SECONDS = 0
        probe = make_probe("API")
        page(viewer, f"/health/{probe.pk}/")
        with django_assert_num_queries(10):
            page(viewer, f"/health/{probe.pk}/")


PART = {
    "status": "degraded",
    "says": "<b>Slow</b>.",
    "critical": True,
    "facts": [
        {"key": "a", "label": "Free", "value": 1024**3, "unit": "bytes"},
        {"key": "b", "label": "Slowest", "value": 1.4, "unit": "seconds"},
    ],
}


@pytest.mark.django_db
class TestReport:
    def test_page_and_json_show_the_same(self, viewer: Client) -> None:
        first = HealthReport.objects.create(at=timezone.now() - A_DAY, overall="up", content={"overall": "up"})
        content = {"timestamp": "2026-04-05T02:00:00+00:00", "overall": "degraded", "says": "Slow.", "database": PART}
        report = HealthReport.objects.create(
            at=timezone.now(), overall="degraded", content=content, changes=["Database: up → degraded"]
        )
        html = page(viewer, f"/health/reports/{report.pk}/")
        assert "Database: up → degraded" in html
        assert "&lt;b&gt;Slow&lt;/b&gt;." in html
        assert "<dt>Free</dt><dd>1.00 GiB</dd>" in html
        assert f'href="/health/reports/{first.pk}/" rel="prev"' in html
        answer = viewer.get(f"/health/reports/{report.pk}.json").json()
        assert answer["report"] == report.pk
        assert answer["changes"] == report.changes
        assert {key: answer[key] for key in content} == content
        assert page(viewer, "/health/reports/999999/", 404)

    @pytest.mark.parametrize(
        ("value", "unit", "words"),
        [
            (None, "", "–"),
            ("18.1", "", "18.1"),
            (48_210, "", "48,210"),
            (2048, "bytes", "2.00 KiB"),
            (0, "seconds", "0s"),
        ],
    )
    def test_facts_are_written_for_people(self, value: Any, unit: str, words: str) -> None:
        assert said({"value": value, "unit": unit}) == words

    def test_the_button_starts_a_run_and_a_second_press_leads_to_the_same(self, client_as: SignIn) -> None:
        client = client_as("tier2")
        assert 'id="health-ask"' in page(client)
        first, second = (client.post("/health/report/") for _ in range(2))
        run = Run.objects.get(task="health_report")
        assert (first["Location"], second["Location"]) == (run.get_absolute_url(), run.get_absolute_url())

    def test_a_freeze_refuses_it_in_words(self, client_as: SignIn, people: Any) -> None:
        now = timezone.now()
        freezes.begin(actor=people["lead"], reason="Release", begins_at=now, ends_at=now + A_DAY, targets=())
        answer = client_as("tier2").post("/health/report/")
        assert answer.status_code == 409
        assert "No report was started." in answer.content.decode()

    def test_json_of_one_that_is_not_there_is_a_problem(self, viewer: Client) -> None:
        answer = viewer.get("/health/reports/9999.json")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["detail"] == "There is no health report 9999: there never was, or it is kept no longer."

    def test_who_may_not_ask_has_no_button(self, viewer: Client) -> None:
        assert 'id="health-ask"' not in page(viewer)
