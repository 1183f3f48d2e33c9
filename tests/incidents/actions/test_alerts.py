"""What Alertmanager tells of a group becomes one ticket with its alerts, whatever is repeated, lost or late."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from incidents.actions import assignment, deliveries
from incidents.actions import statuses as life
from incidents.models import Category, EarlyResolve, Source, Ticket, TicketAlert
from tests.incidents.made import make_team, open_one
from tests.incidents.sourcing import BEGAN, body_of, deliver, make_source, of, statuses, tell, ticket_of

pytestmark = pytest.mark.django_db
LATER = BEGAN + dt.timedelta(minutes=1)


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.entries.exclude(kind="assigned").order_by("id").values_list("kind", flat=True))


def lines(ticket: Ticket) -> list[str]:
    return list(ticket.entries.filter(kind__in=["alerts", "cleared"]).order_by("id").values_list("text", flat=True))


class TestFiring:
    def test_a_group_opens_one_ticket_with_all_its_alerts(self, source: Source) -> None:
        tell(source, of("a"), of("b", severity="critical"))
        ticket = ticket_of(source)
        assert (ticket.title, ticket.severity, ticket.reporter) == ("DiskFull: shop", "critical", "monitoring")
        assert (ticket.occurrences, ticket.description) == (1, "a is full")
        assert statuses(ticket) == {"fp-a": "firing", "fp-b": "firing"}
        assert {link.kind: link.url for link in ticket.links.all()} == {
            "graph": "http://prometheus.internal/graph?a",
            "alertmanager": "http://alertmanager.internal/#/alerts?filter=%7Bservice%3D%22shop%22%7D",
        }
        assert ticket.entries.get(kind="opened").data["note"] == "2 alerts fire: DiskFull (a), DiskFull (b)."
        assert ticket.alert_group.native_key == '{}:{service="shop"}'

    def test_a_row_keeps_what_the_alert_says(self, source: Source) -> None:
        tell(source, of("a"))
        row = TicketAlert.objects.get()
        assert row.labels == {"alertname": "DiskFull", "instance": "a", "severity": "warning"}
        assert (row.annotations, row.name) == ({"description": "a is full"}, "DiskFull")
        assert (row.starts_at, row.ends_at, row.url) == (BEGAN, None, "http://prometheus.internal/graph?a")
        assert (row.times, row.repeats, row.severity) == (1, 0, "medium")

    def test_other_groups_get_their_own_tickets(self, source: Source) -> None:
        tell(source, of("a"), group="shop")
        tell(source, of("b"), group="mail")
        assert Ticket.objects.filter(source="monitoring").count() == 2

    def test_the_same_group_of_another_source_is_another_one(self, source: Source) -> None:
        tell(source, of("a"))
        tell(make_source("staging"), of("a"))
        assert Ticket.objects.count() == 2

    def test_a_repeat_is_counted_and_no_news(self, source: Source) -> None:
        tell(source, of("a"))
        delivery = tell(source, of("a"))
        ticket = ticket_of(source)
        assert delivery.counts == {"repeated": 1}
        assert (ticket.occurrences, ticket.version, kinds(ticket)) == (2, 1, ["opened", "unnotified"])
        assert (ticket.alerts.get().repeats, ticket.alerts.get().times) == (1, 1)

    def test_a_new_alert_joins_and_a_worse_one_raises_the_severity(self, source: Source) -> None:
        tell(source, of("a"))
        tell(source, of("a"), of("b", severity="critical"), of("c"))
        ticket = ticket_of(source)
        assert ticket.severity == "critical"
        assert lines(ticket) == ["2 alerts fire: DiskFull (b), DiskFull (c)"]
        tell(source, of("a"), of("c"), of("d", severity="info"))
        assert ticket_of(source).severity == "critical"

    def test_what_the_source_says_of_its_tickets(self, db: None) -> None:
        category = Category.objects.get(key="infrastructure")
        source = make_source("lab", category=category)
        Source.objects.filter(pk=source.pk).update(tier=2, tags=["lab"], severities={"purple": "high"})
        tell(source, of("a", severity="Purple"))
        ticket = ticket_of(source)
        assert (ticket.category, ticket.tier_id, ticket.tags, ticket.severity) == (category, 2, ["lab"], "high")

    def test_an_unknown_severity_is_the_default_and_said(self, source: Source) -> None:
        tell(source, of("a", severity="purple"))
        ticket = ticket_of(source)
        assert ticket.severity == "medium"
        assert "1 alert of a severity that the map" in ticket.entries.get(kind="opened").data["note"]
        assert ticket.alerts.get().flags == ["severity unknown"]

    @pytest.mark.parametrize(("hours", "flag"), [(1, "clock ahead"), (-1, "told late")])
    def test_a_clock_that_is_an_hour_off_is_taken_and_said(self, source: Source, hours: int, flag: str) -> None:
        tell(source, of("a", starts_at=timezone.now() + dt.timedelta(hours=hours)))
        ticket = ticket_of(source)
        assert ticket.alerts.get().flags == [flag]
        assert "clock of the source" in ticket.entries.get(kind="opened").data["note"]

    def test_ten_thousand_alerts_in_one_body(self, source: Source, django_assert_max_num_queries: Any) -> None:
        many = [of(f"host-{number}") for number in range(10_000)]
        with django_assert_max_num_queries(70):
            tell(source, *many)
        ticket = ticket_of(source)
        assert ticket.alerts.count() == 10_000
        assert ticket.entries.exclude(kind="unnotified").count() <= 2
        assert "and 9,997 more" in ticket.entries.get(kind="opened").data["note"]
        tell(source, of("one more"))
        assert lines(ticket) == ["1 alert fires: DiskFull (one more)"]


class TestResolved:
    def test_the_ticket_is_clear_when_all_its_alerts_are(self, source: Source) -> None:
        tell(source, of("a"), of("b"))
        tell(source, of("a", "resolved"), of("b"))
        ticket = ticket_of(source)
        assert (ticket.clear, ticket.status, statuses(ticket)) == (
            False,
            "open",
            {"fp-a": "resolved", "fp-b": "firing"},
        )
        assert lines(ticket) == ["1 alert is resolved: DiskFull (a)"]
        tell(source, of("a", "resolved"), of("b", "resolved"))
        ticket = ticket_of(source)
        assert (ticket.clear, ticket.status, ticket.resolution_code) == (True, "resolved", "by_itself")
        assert lines(ticket)[1:] == ["1 alert is resolved: DiskFull (b)"]

    def test_the_absence_of_an_alert_resolves_nothing(self, source: Source) -> None:
        tell(source, of("a"), of("b"))
        tell(source, of("a", "resolved"))
        assert (ticket_of(source).clear, statuses(ticket_of(source))["fp-b"]) == (False, "firing")

    def test_only_the_status_of_each_alert_counts(self, source: Source) -> None:
        tell(source, of("a"))
        tell(source, of("a"), status="resolved")
        assert ticket_of(source).clear is False

    def test_a_truncated_body_never_clears(self, source: Source) -> None:
        tell(source, of("a"), truncatedAlerts=3)
        assert "+3 truncated" in ticket_of(source).entries.get(kind="opened").data["note"]
        tell(source, of("a", "resolved"), truncatedAlerts=3)
        ticket = ticket_of(source)
        assert (ticket.clear, ticket.status, statuses(ticket)) == (False, "open", {"fp-a": "resolved"})
        assert ticket.alert_group.truncated == 3
        tell(source, of("a", "resolved"), of("b", "resolved"))
        assert ticket_of(source).clear is True

    def test_a_source_never_overrules_a_person(self, source: Source) -> None:
        tell(source, of("a"))
        assignment.claim(ticket_of(source).number, actor=make_team()["ann"])
        tell(source, of("a", "resolved"))
        ticket = ticket_of(source)
        assert (ticket.status, ticket.clear) == ("in_progress", True)

    def test_it_fires_again_in_a_ticket_that_somebody_works_on(self, source: Source) -> None:
        tell(source, of("a"))
        assignment.claim(ticket_of(source).number, actor=make_team()["ann"])
        tell(source, of("a", "resolved"))
        delivery = tell(source, of("a", starts_at=LATER))
        ticket = ticket_of(source)
        assert (delivery.counts, ticket.clear, ticket.alerts.get().times) == ({"again": 1}, False, 2)
        assert lines(ticket)[-1] == "1 alert fires again: DiskFull (a)"

    def test_after_it_ended_a_new_episode_opens_another_ticket_that_names_the_first(self, source: Source) -> None:
        tell(source, of("a"))
        tell(source, of("a", "resolved"))
        first = ticket_of(source)
        tell(source, of("a", starts_at=LATER))
        second = Ticket.objects.exclude(pk=first.pk).get()
        assert second.links.get(kind="ticket").ref == str(first.number)
        tell(source, of("a", "resolved", starts_at=LATER))
        assert TicketAlert.objects.get(ticket=first).status == "resolved"
        assert Ticket.objects.filter(status="resolved").count() == 2

    def test_a_replica_that_lags_opens_nothing(self, source: Source) -> None:
        tell(source, of("a"))
        tell(source, of("a", "resolved"))
        delivery = tell(source, of("a"))
        assert delivery.counts == {"late": 1}
        assert ticket_of(source).status == "resolved"
        assert ticket_of(source).alerts.get().repeats == 1

    def test_what_a_person_has_ended_opens_again_only_by_what_came_later(self, source: Source) -> None:
        tell(source, of("a"))
        before = timezone.now()
        life.resolve(ticket_of(source).number, actor=make_team()["ann"], code="fixed", note="Made room")
        assert tell(source, of("a"), received_at=before).counts == {"repeated": 1}
        assert Ticket.objects.count() == 1
        tell(source, of("a"))
        assert Ticket.objects.count() == 2

    def test_the_end_of_an_alert_is_kept_in_a_ticket_that_a_person_has_ended(self, source: Source) -> None:
        tell(source, of("a"))
        life.resolve(ticket_of(source).number, actor=make_team()["ann"], code="fixed", note="Made room")
        ticket = ticket_of(source)
        assert tell(source, of("a", "resolved")).counts == {"resolved": 1}
        assert (ticket_of(source).version, statuses(ticket)) == (ticket.version, {"fp-a": "resolved"})

    def test_the_end_of_an_older_episode_ends_nothing(self, source: Source) -> None:
        tell(source, of("a", starts_at=LATER))
        assert tell(source, of("a", "resolved")).counts == {"late": 1}
        assert statuses(ticket_of(source)) == {"fp-a": "firing"}

    def test_silence_clears_nothing(self, source: Source) -> None:
        tell(source, of("a"))
        later = timezone.now() + dt.timedelta(days=30)
        deliveries.sweep(later)
        deliveries.forget_early(later)
        assert ticket_of(source).clear is False


class TestOrder:
    def test_a_resolve_before_its_trigger_is_kept_and_opens_nothing(self, source: Source) -> None:
        assert tell(source, of("a", "resolved")).counts == {"unmatched": 1}
        assert EarlyResolve.objects.get().name == "DiskFull"
        assert tell(source, of("a")).counts == {"late": 1}
        assert Ticket.objects.count() == 0

    def test_for_five_minutes(self, source: Source, caplog: pytest.LogCaptureFixture) -> None:
        tell(source, of("a", "resolved"))
        assert deliveries.forget_early(timezone.now() + dt.timedelta(minutes=4)) == 0
        assert deliveries.forget_early(timezone.now() + dt.timedelta(minutes=6)) == 1
        tell(source, of("a"))
        assert ticket_of(source).status == "open"

    def test_a_newer_episode_fires(self, source: Source) -> None:
        tell(source, of("a", "resolved"))
        tell(source, of("a", starts_at=LATER))
        assert ticket_of(source).status == "open"

    def test_a_group_that_gets_another_key_keeps_its_ticket(self, source: Source) -> None:
        tell(source, of("a"))
        tell(source, of("a"), of("b"), group="renamed")
        old = ticket_of_key(source, "a")
        assert statuses(old) == {"fp-a": "firing"}
        assert statuses(ticket_of_key(source, "b")) == {"fp-b": "firing"}
        tell(source, of("a", "resolved"), of("b", "resolved"), group="renamed")
        assert set(Ticket.objects.values_list("status", flat=True)) == {"resolved"}


class TestGeneric:
    def test_fires_repeats_clears_and_fires_again(self, db: None) -> None:
        source = make_source("backups", "generic")
        told = {"title": "Backup failed", "key": "db1", "severity": "high", "url": "https://ci.example.org/7"}
        for status, counts in (
            ("firing", {"fired": 1}),
            ("firing", {"repeated": 1}),
            ("resolved", {"resolved": 1}),
            ("resolved", {"repeated": 1}),
            ("firing", {"fired": 1}),
        ):
            assert deliver(source, told | {"status": status}).counts == counts
        assert list(Ticket.objects.order_by("number").values_list("status", flat=True)) == ["resolved", "open"]

    def test_a_key_of_any_length_is_never_cut(self, db: None) -> None:
        source = make_source("backups", "generic")
        for end in "ab":
            deliver(source, {"title": "x", "key": "k" * 500 + end})
        assert Ticket.objects.count() == 2


def test_tickets_of_people_are_never_touched(source: Source) -> None:
    ticket = open_one(title="DiskFull: shop")
    tell(source, of("a"))
    ticket.refresh_from_db()
    assert ticket.version == 1


def test_a_body_that_comes_twice_counts_once(source: Source) -> None:
    body = body_of([of("a"), of("b")])
    deliver(source, body)
    deliver(source, body)
    assert ticket_of(source).alerts.count() == 2


def ticket_of_key(source: Source, instance: str) -> Ticket:
    return TicketAlert.objects.select_related("ticket").get(source=source, fingerprint=f"fp-{instance}").ticket
