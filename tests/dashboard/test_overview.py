"""The overview: tickets, the platform, last night, what comes next, and the figures of 30 days, in one screen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import TicketDay, Tier
from incidents.views import attention
from maintenance.kpis import platform as health_platform
from maintenance.models import Finding, Probe, RunDay
from tests.incidents.queueing import queued
from tests.maintenance.made import add_finding, make_run
from zbmaint.access.models import Person, Role
from zbmaint.dashboard.overview import figures, platform, tickets, work
from zbmaint.rollup import days

ClientAs = Callable[[str], Client]
People = dict[str, Person]


def page_of(client: Client) -> str:
    return client.get("/").content.decode()


def probe(name: str, component: str, state: str, **more: Any) -> Probe:
    now = timezone.now()
    given = {"state": state, "state_since": now, "last_at": now, "next_at": now, "kind": "http", **more}
    return Probe.objects.create(name=name, component=component, **given)


class TestTickets:
    def test_they_are_counted_by_how_their_targets_stand(self, people: People) -> None:
        now = timezone.now()
        for minutes in (-5, -1, 10, 20, 29, 90):
            queued(due_at=now + dt.timedelta(minutes=minutes))
        queued(assignee=people["tier1"])
        seen = tickets.read_tickets(people["lead"], now).now
        assert (seen.open, seen.unassigned, seen.overdue, seen.soon) == (7, 6, 2, 3)

    def test_the_next_targets_stand_first(self, client_as: ClientAs) -> None:
        now = timezone.now()
        made = [queued(due_at=now + dt.timedelta(minutes=minutes)) for minutes in range(50, 0, -5)]
        rows = re.findall(r'id="ticket-(\d+)"', page_of(client_as("lead")))
        assert rows == [str(ticket.number) for ticket in reversed(made)][: attention.MOST]
        assert 'name="ticket"' not in page_of(client_as("lead"))

    def test_a_ticket_shows_its_tags(self, client_as: ClientAs) -> None:
        queued(tags=("search", "zim"))
        text = page_of(client_as("lead"))
        assert re.findall(r'class="tag"[^>]*>([^<]*)<', text) == ["search", "zim"]

    def test_the_table_is_that_of_the_last_roll_up(self, people: People) -> None:
        today = days.day_of(timezone.now())
        TicketDay.objects.create(day=today - days.A_DAY, tier=0, severity="", open=99)
        for tier, severity, number in ((0, "", 3), (1, "", 3), (1, "high", 2), (1, "low", 1), (0, "high", 2)):
            TicketDay.objects.create(
                day=today, tier=tier, severity=severity, open=number, open_unassigned=1, open_age_oldest=60
            )
        first, last = tickets.read_tickets(people["lead"], timezone.now()).tiers
        assert (first.tier, first.open, first.unassigned, first.oldest) == (1, 3, 1, 60)
        assert dict(first.severities) == {"critical": 0, "high": 2, "medium": 0, "low": 1}
        assert (last.tier, last.open) == (0, 3)

    def test_who_is_on_call_stands_there_and_nobody_too(self, client_as: ClientAs, people: People) -> None:
        for number in (1, 2):
            Tier.objects.existing(number)
        Tier.objects.filter(number=1).update(on_call=people["tier1"])
        page = page_of(client_as("lead"))
        assert re.search(r"tier1</span><small>Tier 1, 0 open", page)
        assert re.search(r"Nobody</span><small data-tone=\"warning\">Tier 2", page)


@pytest.fixture
def no_probes(db: None) -> None:
    """None of the shipped ones."""
    Probe.objects.all().delete()


@pytest.mark.usefixtures("no_probes")
class TestPlatform:
    def test_a_part_is_as_the_rule_of_reports_has_it(self) -> None:
        probe("api", "application", "up")
        bad = probe("web", "application", "down", critical=True)
        probe("cache", "cache", "degraded")
        probe("main", "database", "up", critical=True)
        slow = probe("replica", "database", "down", critical=False)
        parts = {part.name: part for part in platform.read_parts(timezone.now())}
        assert {name: part.state for name, part in parts.items()} == {
            "Application": "down",
            "Database": "degraded",
            "Cache": "degraded",
        }
        assert (parts["Application"].says, parts["Application"].since) == ("web", bad.state_since)
        assert (parts["Database"].says, parts["Database"].since) == ("replica down", slow.state_since)
        assert parts["Cache"].says == ""

    def test_a_part_says_the_same_as_the_health_page(self) -> None:
        probe("api", "application", "up", critical=False)
        probe("web", "application", "unknown", critical=True)
        probe("mail", "external", "up", paused_at=timezone.now())
        probe("main", "database", "up", critical=True)
        probe("replica", "database", "unknown", critical=False)
        probe("cache", "cache", "down", critical=False)
        probe("other cache", "cache", "up", critical=False)
        now = timezone.now()
        looked = health_platform.look(now, list(Probe.objects.with_windows(now)), [])
        parts = {part.name: part.state for part in platform.read_parts(now)}
        titles = {part.title: part.whole.state for part in looked.parts}
        assert parts == {
            "Application": "unknown",
            "Database": "up",
            "Cache": "degraded",
            "External services": "unknown",
        }
        assert parts == {name: titles[name] for name in parts}

    def test_what_is_paused_says_so_and_counts_for_nothing(self) -> None:
        probe("mail", "external", "up", paused_at=timezone.now())
        probe("web", "application", "up", critical=True)
        probe("old web", "application", "down", paused_at=timezone.now())
        application, external = platform.read_parts(timezone.now())
        assert (application.state, application.says) == ("up", "")
        assert (external.state, external.says) == ("unknown", "All of it is paused, or in planned work.")

    def test_what_is_not_critical_and_unknown_is_named(self) -> None:
        probe("web", "application", "up", critical=True)
        probe("old web", "application", "unknown", critical=False)
        assert platform.read_parts(timezone.now())[0].says == "old web unknown"

    def test_many_services_are_named_in_short(self) -> None:
        for number in range(5):
            probe(f"s{number}", "external", "down")
        probe("well", "external", "up")
        assert platform.read_parts(timezone.now())[0].says == "s0, s1 and 3 more down"

    def test_what_is_not_looked_at_any_more_is_no_part(self) -> None:
        probe("old", "cache", "down", retired_at=timezone.now())
        assert platform.read_parts(timezone.now()) == []


class TestWork:
    def test_whoever_may_start_a_run_is_led_there(self, client_as: ClientAs) -> None:
        assert 'href="/runs/new/"' in page_of(client_as("tier2"))
        assert 'href="/runs/new/"' not in page_of(client_as("tier1"))

    def test_runs_that_are_under_way_stand_first(self, client_as: ClientAs) -> None:
        running, queued_run = make_run("running", progress=58), make_run("queued")
        page = page_of(client_as("viewer"))
        assert 'value="58"' in page
        assert f"Open run {running.pk}" in page
        assert f"Open run {queued_run.pk}" in page
        assert "waits for a worker" in page

    def test_a_run_that_is_being_cancelled_says_so(self, client_as: ClientAs) -> None:
        make_run("running", cancel_requested_at=timezone.now())
        assert "is being cancelled" in page_of(client_as("viewer"))

    def test_what_is_under_way_is_asked_for_by_itself(self, client_as: ClientAs) -> None:
        make_run("running")
        fragment = client_as("viewer").get("/overview/running/").content.decode()
        assert fragment.strip().startswith('<div class="stack" id="running-now"')
        assert 'hx-trigger="every 5s"' in fragment

    def test_findings_are_counted_by_severity_and_only_the_open_ones(self, db: None) -> None:
        run, today = make_run("warning"), timezone.now().date()
        add_finding(run, "medium", subject="ended", state="accepted", accepted_until=today - dt.timedelta(days=1))
        for number, (severity, state) in enumerate(
            [("critical", "new"), ("high", "ongoing"), ("high", "new"), ("high", "resolved"), ("low", "accepted")]
        ):
            add_finding(run, severity, subject=f"t{number}", state=state, accepted_until=today)
        seen = work.read_work(timezone.now())
        assert seen.findings == [("critical", 1), ("high", 2), ("medium", 1), ("low", 0)]
        assert seen.findings_in_all == 4
        assert Finding.objects.count() == 6


class TestPage:
    def test_a_new_installation_says_that_there_is_nothing(self, client_as: ClientAs) -> None:
        page = page_of(client_as("viewer"))
        assert "No ticket is open" in page
        assert "Not counted yet" in page
        assert "Nothing was due" in page
        assert "—" in page

    def test_the_number_of_queries_does_not_grow_with_the_rows(
        self, client_as: ClientAs, django_assert_num_queries: Any
    ) -> None:
        client = client_as("viewer")
        for number in range(6):
            add_finding(make_run("warning"), subject=f"t{number}")
            make_run("running")
            queued()
            probe(f"p{number}", "cache", "up")
        client.get("/")
        # session, person with role and permissions; four of tickets; what is under way, the night, what comes,
        # findings; probes; how far days are rolled up; two banners, saved views
        with django_assert_num_queries(15):
            client.get("/")

    def test_htmx_gets_the_moving_part_once_for_what_it_shows(self, client_as: ClientAs) -> None:
        client = client_as("viewer")
        fragment = client.get("/", headers={"HX-Request": "true"}).content.decode()
        assert fragment.strip().startswith('<div class="stack" id="overview"')
        assert "<html" not in fragment
        seen = re.search(r'hx-get="(/\?seen=\w+)"', fragment)
        assert seen is not None
        assert client.get(seen[1], headers={"HX-Request": "true"}).status_code == 204
        queued()
        assert client.get(seen[1], headers={"HX-Request": "true"}).status_code == 200

    def test_going_back_gets_the_whole_page(self, client_as: ClientAs) -> None:
        headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
        assert "<html" in client_as("viewer").get("/", headers=headers).content.decode()

    @pytest.mark.parametrize(
        ("without", "gone"),
        [
            ("incidents.view_ticket", "Needs attention"),
            ("maintenance.view_run", "Last night"),
            ("maintenance.view_probe", "platform-title"),
            ("maintenance.view_runday", "Success rate"),
        ],
    )
    def test_what_somebody_may_not_see_is_not_there(self, client_as: ClientAs, without: str, gone: str) -> None:
        probe("web", "application", "up")
        client = client_as("viewer")
        assert gone in page_of(client)
        app, name = without.split(".")
        role = Role.objects.get(key="viewer")
        role.permissions.remove(*role.permissions.filter(content_type__app_label=app, codename=name))
        assert gone not in page_of(client)

    def test_somebody_who_may_see_nothing_is_told_so(self, client_as: ClientAs) -> None:
        client = client_as("viewer")
        Role.objects.get(key="viewer").permissions.clear()
        assert "Nothing to show" in page_of(client)


class TestFigures:
    """The KPIs of the last 30 days."""

    def test_of_the_success_rate_the_strict_one_stands_there_when_anything_was_missed(
        self, client_as: ClientAs
    ) -> None:
        yesterday = days.day_of(timezone.now()) - days.A_DAY
        RunDay.objects.create(day=yesterday, succeeded=31, expected=31)
        usual = page_of(client_as("viewer"))
        assert '<a href="/kpis/success_rate/?range=30">Success rate</a></dt><dd class="value" title=' in usual
        assert "30 days, of 31 runs" in usual
        figures._figures.cache_clear()
        RunDay.objects.update(expected=36, missed=5)
        strict = page_of(client_as("viewer"))
        assert '<a href="/kpis/success_rate_strict/?range=30">Success rate, strict</a></dt>' in strict
        assert '<span class="delta">86.1</span>' in strict
        assert "30 days, 5 of 36 missed" in strict
        assert ">Success rate</a>" not in strict


@pytest.fixture(autouse=True)
def _read_anew() -> None:
    """What a test before this one has made of other days is not kept."""
    figures._figures.cache_clear()
