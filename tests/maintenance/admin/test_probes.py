"""Probes: the actions, and the pages in Django admin that call them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from maintenance.actions import outages, probes, timelines
from maintenance.actions.probes import Details, ProbeRefused
from maintenance.models import Outage, Probe, Reading, Target
from maintenance.models import Span as KnownSpan
from maintenance.prober.recording import Read, store
from maintenance.rules import edits
from maintenance.rules.probe_states import DOWN, UNKNOWN, UP, Sample, Span, timeline
from tests.maintenance.admin.schedule_form import mark_on
from tests.maintenance.probing import make_probe, tell
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.rollup.models import Stale

SignIn = Callable[[str], Client]
ADD = "/admin/maintenance/probe/add/"
LIST = "/admin/maintenance/probe/"
WEB = Details("Web", "http", {"url": "https://www.example.org/", "statuses": "200"})
QUEUE = {"queue": "short", "degraded_seconds": 60, "down_seconds": 300}


def samples(probe: Probe) -> list[Sample]:
    return [Sample(row.at, row.state) for row in Reading.objects.filter(probe=probe)]


GIVEN = {
    "name": "Web",
    "kind": "http",
    "target": "",
    "severity": "high",
    "component": "",
    "slo_percent": "99.9",
    "interval_seconds": "30",
    "timeout_seconds": "10",
    "confirmations": "2",
    "slow_ms": "",
    "http_url": "https://www.example.org/health",
    "http_statuses": "200-299",
    "http_expects": "",
}

pytestmark = pytest.mark.django_db


def page_of(probe: Probe) -> str:
    return f"/admin/maintenance/probe/{probe.pk}/change/"


def told(client: Client, path: str, values: Mapping[str, object]) -> str:
    """Send a form and read the page that it leads to."""
    return client.post(path, dict(values), follow=True).content.decode()


class TestActions:
    def test_making_one_is_recorded_and_it_is_due_at_once(self, people: dict[str, Person]) -> None:
        probe = probes.create(WEB, actor=people["admin"])
        assert probe.next_at <= timezone.now()
        assert probe.parameters == {
            "url": "https://www.example.org/",
            "statuses": "200",
            "expects": "",
            "follow": False,
        }
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.actor) == ("probe_created", people["admin"])

    @pytest.mark.parametrize(
        ("wrong", "field", "says"),
        [
            ({"name": "  "}, "name", "needs a name"),
            ({"name": "\u200b \u2060"}, "name", "needs a name that can be seen"),
            ({"name": "x" * 81}, "name", "At most 80 characters, not 81."),
            ({"name": "a\0"}, "name", "Null characters"),
            ({"kind": "ldap"}, "kind", "Choose what kind"),
            ({"interval_seconds": 4}, "interval_seconds", "from 5 to 86,400"),
            ({"interval_seconds": 90_000}, "interval_seconds", "from 5 to 86,400"),
            ({"timeout_seconds": 30}, "timeout_seconds", "shorter than the interval"),
            ({"timeout_seconds": 0}, "timeout_seconds", "At least 1 second"),
            ({"confirmations": 0}, "confirmations", "From 1 to 20"),
            ({"slow_ms": 10_000}, "slow_ms", "shorter than the time-out"),
            ({"severity": "awful"}, "severity", "how bad"),
            ({"component": "moon"}, "component", "the part of the platform"),
            ({"slo_percent": Decimal(100)}, "slo_percent", "100 leaves no room"),
            ({"slo_percent": Decimal(0)}, "slo_percent", "From 50 to 99.999"),
            ({"parameters": {"url": "nowhere"}}, "http_url", "Write an address"),
            ({"kind": "postgres"}, "target", "needs a target"),
            ({"planned_reason": "x" * 10_000}, "planned_reason", "At most 200 characters"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words(self, wrong: dict[str, Any], field: str, says: str) -> None:
        with pytest.raises(ProbeRefused, match=says) as refused:
            probes.create(replace(WEB, **wrong), actor=None)
        assert refused.value.field == field
        assert not Probe.objects.filter(kind="http").exists()

    def test_a_name_is_one_line(self) -> None:
        probe = probes.create(replace(WEB, name=" Web\r\nshop\tof  ours "), actor=None)
        assert probe.name == "Web shop of ours"
        with pytest.raises(ProbeRefused, match="of this name already"):
            probes.create(replace(WEB, name="Web\nshop of ours"), actor=None)

    def test_its_part_of_the_platform_is_that_of_its_kind_unless_it_is_said(self, own_target: Target) -> None:
        made = [
            probes.create(details, actor=None)
            for details in (
                *(WEB, replace(WEB, name="Shop", component="application", critical=True, slo_percent=None)),
                *(Details("Store", "postgres", target=own_target), Details("Rooms", "queue_lag", QUEUE)),
            )
        ]
        assert [probe.component for probe in made] == ["external", "application", "database", "queue"]
        assert [(probe.critical, probe.slo_percent) for probe in made[:2]] == [(False, Decimal("99.9")), (True, None)]
        entry = AuditEntry.objects.filter(verb="probe_created").earliest("id")
        assert (entry.after or {})["slo_percent"] == "99.9"

    def test_of_those_that_are_installed_our_own_database_is_critical(self) -> None:
        critical = Probe.objects.filter(critical=True).values_list("name", flat=True)
        assert list(critical) == ["zbmaint's own database"]
        assert not Probe.objects.filter(component="external").exists()

    def test_restoring_one_makes_the_days_stale_in_which_it_was_retired(self) -> None:
        now = timezone.now()
        probe = make_probe(retired_at=now - dt.timedelta(days=2))
        Stale.objects.all().delete()
        probes.restore(probe, actor=None)
        days = sorted(row.at.date() for row in Stale.objects.filter(kind="services"))
        assert days == [(now - dt.timedelta(days=back)).date() for back in (2, 1, 0)]

    def test_a_retired_target_is_refused(self, own_target: Target) -> None:
        own_target.retired_at = timezone.now()
        with pytest.raises(ProbeRefused, match="is retired"):
            probes.create(Details("Database", "postgres", target=own_target), actor=None)

    def test_a_change_records_what_was_before_and_no_change_nothing(self) -> None:
        probe = probes.create(WEB, actor=None)
        probes.change(probe, WEB, actor=None)
        assert not AuditEntry.objects.filter(verb="probe_changed").exists()
        probes.change(probe, replace(WEB, interval_seconds=60), actor=None)
        entry = AuditEntry.objects.get(verb="probe_changed")
        assert (entry.before, entry.after) == ({"interval_seconds": 30}, {"interval_seconds": 60})
        with pytest.raises(ProbeRefused, match="It stays a probe of HTTP"):
            probes.change(probe, replace(WEB, kind="disk"), actor=None)

    def test_a_name_is_given_once(self) -> None:
        probe = probes.create(WEB, actor=None)
        other = probes.create(replace(WEB, name="API"), actor=None)
        with pytest.raises(ProbeRefused, match="of this name already"):
            probes.create(WEB, actor=None)
        with pytest.raises(ProbeRefused, match="of this name already"):
            probes.change(other, WEB, actor=None)
        assert probes.change(probe, WEB, actor=None) == probe

    def test_pausing_and_the_rest_are_recorded_once_each(self) -> None:
        probe = probes.create(WEB, actor=None)
        for action in (probes.pause, probes.resume, probes.retire, probes.restore):
            for _ in range(2):
                action(probe, actor=None)
        verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
        assert verbs[-4:] == ["probe_paused", "probe_resumed", "probe_retired", "probe_restored"]
        assert Probe.objects.active().filter(pk=probe.pk).exists()

    @pytest.mark.parametrize(("stop", "go_on"), [("pause", "resume"), ("retire", "restore")])
    def test_from_then_on_nothing_is_known_until_it_is_read_again(
        self, stop: str, go_on: str, people: Mapping[str, Person]
    ) -> None:
        probe = make_probe(interval_seconds=3600)
        start = timezone.now() - dt.timedelta(seconds=7200)
        tell(probe, "uu", start=start)
        in_flight = timezone.now()
        probe = getattr(probes, stop)(probe, actor=people["admin"])
        ended = Reading.objects.latest("at")
        assert (ended.state, ended.reason) == (UNKNOWN, f"{stop.title()}d by {people['admin']}.")
        assert (probe.last_at, probe.state, probe.last_ms, probe.failures) == (ended.at, UNKNOWN, None, 0)
        # The look that was under way.
        store([Read(probe.pk, in_flight, UP, "", 12)])
        probe.refresh_from_db()
        assert (probe.last_at, probe.state) == (ended.at, UNKNOWN)
        now = timezone.now()
        assert timeline(samples(probe), probe.terms, start, now + dt.timedelta(hours=1)) == [
            Span(UP, start, ended.at),
            Span(UNKNOWN, ended.at, now + dt.timedelta(hours=1)),
        ]
        getattr(probes, go_on)(probe, actor=None)
        probe.refresh_from_db()
        assert (probe.state_at(now), probe.last_reason) == (UNKNOWN, ended.reason)
        store([Read(probe.pk, timezone.now(), UP, "", 12)])
        probe.refresh_from_db()
        assert (probe.state_at(timezone.now()), probe.last_reason, probe.last_ms) == (UP, "", 12)

    def test_a_timeline_that_was_folded_already_ends_there_too(self) -> None:
        probe = make_probe()
        now = timezone.now()
        # The clock of the one who read is a little ahead of the database's.
        store([Read(probe.pk, now + dt.timedelta(seconds=seconds), UP, "", 12) for seconds in (-25, 5)])
        timelines.fold_readings(now)
        probe.refresh_from_db()
        probes.pause(probe, actor=None)
        timelines.fold_readings(now)
        span = KnownSpan.objects.get(probe=probe)
        assert (span.state, span.ends - now) == (UP, dt.timedelta(seconds=5, microseconds=1))


def test_what_is_installed_is_looked_at_and_never_overwritten() -> None:
    kinds = Probe.objects.order_by("name").values_list("name", "kind")
    assert list(kinds) == [
        ("Disk of zbmaint's data", "disk"),
        ("Queue long", "queue_lag"),
        ("Queue runbook", "queue_lag"),
        ("Queue short", "queue_lag"),
        ("zbmaint's own cache", "redis"),
        ("zbmaint's own database", "postgres"),
    ]
    Probe.objects.filter(kind="redis").update(name="Cache", interval_seconds=300)
    Probe.objects.filter(kind="disk").delete()
    call_command("defaults")
    assert Probe.objects.count() == 5
    assert Probe.objects.get(kind="redis").interval_seconds == 300


@pytest.fixture
def admin(client_as: SignIn) -> Client:
    return client_as("admin")


class TestAdmin:
    def test_adding_one_goes_through_the_action(self, admin: Client, people: dict[str, Person]) -> None:
        assert "was added successfully" in told(admin, ADD, GIVEN)
        probe = Probe.objects.get(kind="http")
        assert probe.parameters["url"] == "https://www.example.org/health"
        assert AuditEntry.objects.latest("id").actor == people["admin"]

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"http_url": "https://alice:hunter2@host/"}, "with a user or password is not kept"),
            ({"http_url": ""}, "Write an address such as"),
            ({"timeout_seconds": "30"}, "shorter than the interval"),
            ({"interval_seconds": "1"}, "from 5 seconds to a day"),
            ({"kind": "postgres"}, "needs a target"),
            ({"kind": "redis", "redis_reference": "redis://x"}, "Write own, env:NAME or file:/path"),
            ({"kind": "disk", "disk_path": "/", "disk_degraded_percent": ""}, "Write a whole number from 0 to 100"),
            ({"kind": "ldap"}, "Select a valid choice"),
            ({"name": "ж" * 10_000}, "at most 80 characters"),
            ({"name": "a\0b"}, "Null characters are not allowed"),
        ],
    )
    def test_a_refusal_stands_at_its_field_with_what_was_typed(
        self, admin: Client, given: dict[str, str], says: str
    ) -> None:
        html = told(admin, ADD, GIVEN | given)
        assert says in html
        assert 'value="200-299"' in html
        assert not Probe.objects.filter(name="Web").exists()

    def test_its_page_shows_the_fields_of_its_kind_and_what_was_seen(self, admin: Client) -> None:
        probe = tell(make_probe(), "uud", start=timezone.now() - dt.timedelta(seconds=70))
        html = admin.get(page_of(probe)).content.decode()
        assert 'name="http_url"' in html
        assert 'name="redis_reference"' not in html
        assert "Up, 1 failed" in html
        assert "Refused" in html
        changed = GIVEN | {"name": "API", "http_expects": "Welcome", "http_follow": "on"}
        assert "was changed successfully" in told(admin, page_of(probe), changed)
        probe.refresh_from_db()
        assert (probe.name, probe.parameters["expects"], probe.parameters["follow"]) == ("API", "Welcome", True)

    def test_the_list_says_how_each_is_and_pauses_what_is_chosen(self, admin: Client) -> None:
        now = timezone.now()
        tell(make_probe("Down"), "udd", start=now - dt.timedelta(seconds=70))
        tell(make_probe("Stale"), "uuu", start=now - dt.timedelta(hours=1))
        probe = tell(make_probe("Fine"), "uuu", start=now - dt.timedelta(seconds=70))
        rows = admin.get(LIST).content.decode().split("<tbody>")[1].split("</tr>")
        states = {name: next(row for row in rows if f">{name}<" in row) for name in ("Down", "Stale", "Fine")}
        assert ">Down</td>" in states["Down"]
        assert ">Unknown</td>" in states["Stale"]
        assert "too old to say anything" in states["Stale"]
        assert ">Up</td>" in states["Fine"]
        chosen = {"_selected_action": [probe.pk]}
        for action, word in (
            ("pause", "Paused"),
            ("resume", "Resumed"),
            ("retire", "Retired"),
            ("restore", "Restored"),
        ):
            assert f"{word}: Fine." in told(admin, LIST, {"action": action, **chosen})

    def test_a_look_from_the_list_says_what_is_seen_and_stores_nothing(self, admin: Client) -> None:
        chosen = [make_probe().pk, Probe.objects.get(kind="redis").pk]
        html = told(admin, LIST, {"action": "look_now", "_selected_action": chosen})
        assert "Web: down. 127.0.0.1 is a private address. List it in HTTP_ALLOWED_PRIVATE" in html
        assert "cache: up." in html
        assert not Reading.objects.exists()
        many = list(Probe.objects.values_list("pk", flat=True))
        assert "Choose at most 3" in told(admin, LIST, {"action": "look_now", "_selected_action": many})

    def test_the_list_costs_the_same_for_many(self, admin: Client, django_assert_max_num_queries: Any) -> None:
        for number in range(20):
            tell(make_probe(f"Web {number}"), "u")
        with django_assert_max_num_queries(12):
            assert admin.get(LIST).status_code == 200
        assert admin.get(f"{LIST}?kind=http&use=yes&q=Web+1").status_code == 200

    def test_outages_are_to_be_read(self, admin: Client) -> None:
        now = timezone.now()
        Outage.objects.create(probe=make_probe(), started_at=now, confirmed_at=now, reason="Refused")
        assert "Goes on" in admin.get("/admin/maintenance/outage/").content.decode()

    def test_who_may_only_look_finds_nothing_to_change(self, client_as: SignIn) -> None:
        lead, probe = client_as("lead"), make_probe()
        html = lead.get(page_of(probe)).content.decode()
        assert 'name="_save"' not in html
        assert "Address: http://127.0.0.1:1/" in html
        assert lead.post(page_of(probe), GIVEN).status_code == 403


def test_whoever_saves_second_is_told_and_takes_nothing_back(client_as: SignIn, people: dict[str, Person]) -> None:
    admin = client_as("admin")
    probe = probes.create(replace(WEB, slo_percent=Decimal("99.9")), actor=None)
    mine = {**GIVEN, "http_url": "https://www.example.org/", "http_statuses": "200"}
    opened = mine | {"seen": mark_on(admin, page_of(probe)), "interval_seconds": "60"}
    probes.change(probe, replace(WEB, slo_percent=Decimal("99.5")), actor=people["lead"])
    html = told(admin, page_of(probe), opened)
    assert edits.CHANGED in html
    assert 'name="interval_seconds" value="60"' in html
    probe.refresh_from_db()
    assert (probe.slo_percent, probe.interval_seconds) == (Decimal("99.5"), WEB.interval_seconds)
    # What the prober sees meanwhile changes nothing that is decided.
    seen = mark_on(admin, page_of(probe))
    tell(probe, "uu")
    told(admin, page_of(probe), mine | {"seen": seen, "interval_seconds": "60", "slo_percent": "99.5"})
    probe.refresh_from_db()
    assert (probe.slo_percent, probe.interval_seconds) == (Decimal("99.5"), 60)


def test_planned_work_ends_ahead_and_before_it_is_forgotten(people: dict[str, Person]) -> None:
    now = timezone.now()
    for wrong, says in ((now - dt.timedelta(minutes=1), "has passed"), (now + dt.timedelta(days=400), "At most 31")):
        with pytest.raises(ProbeRefused, match=says) as refused:
            probes.create(replace(WEB, planned_until=wrong), actor=None)
        assert refused.value.field == "planned_until"
    until = now + dt.timedelta(hours=1)
    probe = probes.create(replace(WEB, planned_until=until), actor=None)
    with pytest.raises(ProbeRefused, match="has passed"):
        probes.change(probe, replace(WEB, planned_until=now - dt.timedelta(days=365)), actor=None)
    # One that has passed since it was planned keeps nobody from changing something else.
    Probe.objects.update(planned_until=now - dt.timedelta(hours=1))
    probe.refresh_from_db()
    renamed = probes.change(probe, replace(WEB, name="Site", planned_until=probe.planned_until), actor=None)
    assert renamed.name == "Site"


def test_an_outage_that_ended_with_its_probe_does_not_begin_again_when_that_is_restored() -> None:
    probe = make_probe()
    began = timezone.now() - dt.timedelta(seconds=70)
    tell(probe, "udd", start=began)
    assert outages.settle(probe.pk) is not None
    probes.retire(probe, actor=None)
    restored = probes.restore(probe, actor=None)
    first = timezone.now()
    store([Read(probe.pk, first, DOWN, "Refused.", 5)])
    assert outages.settle(probe.pk) is None
    store([Read(probe.pk, first + dt.timedelta(seconds=30), DOWN, "Refused.", 5)])
    again = outages.settle(restored.pk)
    assert again is not None
    before = Outage.objects.earliest("started_at")
    assert before.ended_at is not None
    assert (Outage.objects.count(), again.started_at) == (2, first)
    assert again.started_at > before.ended_at


@pytest.mark.parametrize("chosen", ["abc", "\0", "9" * 30])
def test_what_cannot_be_chosen_is_refused_in_words(client_as: SignIn, chosen: str) -> None:
    make_probe()
    answer = client_as("admin").post(LIST, {"action": "pause", "_selected_action": chosen}, follow=True)
    assert answer.status_code == 200
    assert chosen.isdigit() or "What was chosen does not exist, so nothing was done." in answer.content.decode()
    assert not Probe.objects.filter(paused_at__isnull=False).exists()
