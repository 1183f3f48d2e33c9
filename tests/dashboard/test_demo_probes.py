"""The generated probes: a history that agrees with itself, and nothing that is asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import time_machine
from django.utils import timezone

from incidents.models import Ticket
from maintenance import alerts
from maintenance.actions import outages, timelines
from maintenance.kpis import service_reading
from maintenance.models import MaintenanceWindow, Outage, Probe, Reading
from maintenance.prober import slots
from maintenance.prober.recording import Read, store
from maintenance.rules.probe_states import DOWN, PAUSED, UNKNOWN, UP, Sample, timeline
from tests.dashboard.generated import NOW
from zbmaint.audit.models import AuditEntry
from zbmaint.dashboard.demo.cases import TOLD_AFTER
from zbmaint.dashboard.demo.probes import INTERVAL

# What has become of a ticket since it was resolved, and what names the moment or the row, is not compared.
FACTS = (
    *("title", "severity", "tier_id", "assignee_id", "accepted_at", "category_id", "source", "key", "kind", "reporter"),
    *("reported_by_id", "tags", "clear", "occurrences", "first_response_at", "due_at", "due_clock", "at_risk_at"),
    *("next_clock_at", "paused_until", "resolution_code", "resolution_note", "resolution_seconds"),
    *("resolution_business_seconds", "resolution_net_seconds", "reopened"),
)
MOMENTS = ("created_at", "last_seen_at", "cleared_at", "resolved_at")
STINT = ("tier_id", "how", "criterion", "reason", "calendar", "response_seconds", "resolution_seconds", "response")


def left_by(outage: Outage) -> dict[str, Any]:
    """The ticket of an outage until it was resolved, with its moments counted from the beginning of the outage."""

    def since(moment: dt.datetime | None) -> dt.timedelta | None:
        return moment - outage.started_at if moment else None

    ticket = alerts.tickets_about("outage", [str(outage.pk)])[str(outage.pk)]
    lines = ticket.entries.filter(at__lte=ticket.resolved_at).exclude(text__startswith="nobody was notified")
    stays = ticket.stints.order_by("entered_at")
    deeds = AuditEntry.objects.filter(target_kind="ticket", target_id=str(ticket.pk), at__lte=ticket.resolved_at)
    return {
        "facts": {name: getattr(ticket, name) for name in FACTS},
        "moments": {name: since(getattr(ticket, name)) for name in MOMENTS},
        "lines": [
            (line.kind, line.actor_id, line.version, since(line.at), sorted(line.data), line.data.get("changed"))
            for line in lines.order_by("pk")
        ],
        "stays": [
            (*(getattr(stay, name) for name in STINT), since(stay.entered_at), since(stay.left_at)) for stay in stays
        ],
        "links": [(link.kind, link.ref == str(outage.pk), link.url) for link in ticket.links.all()],
        "watchers": ticket.watchers.count(),
        "deeds": [(deed.verb, since(deed.at), deed.before) for deed in deeds.order_by("id")],
    }


class GeneratedProbes:
    """Of the desk in test_demo_desk.py."""

    def generated(self) -> list[Probe]:
        return list(Probe.objects.filter(readings__isnull=False).distinct())

    def test_nothing_is_asked_of_them(self) -> None:
        probes = self.generated()
        assert len(probes) == 5
        assert {probe.state_at(timezone.now()) for probe in probes} == {PAUSED}
        taken = {slot.probe for slot in slots.take(100)}
        assert taken.isdisjoint(probe.pk for probe in probes)

    def test_each_was_read_all_the_time(self) -> None:
        whole = (NOW - dt.datetime(2026, 2, 7, tzinfo=dt.UTC)) / INTERVAL
        for probe in self.generated():
            assert abs(probe.readings.count() - whole) <= 1
        assert not Reading.objects.filter(at__gte=NOW).exists()

    def test_the_outages_are_those_of_the_timeline(self) -> None:
        for probe in self.generated():
            samples = [Sample(*row) for row in probe.readings.values_list("at", "state")]
            spans = timeline(samples, probe.terms, dt.datetime(2026, 2, 7, tzinfo=dt.UTC), NOW)
            down = [(span.begins, span.ends) for span in spans if span.state == DOWN]
            outages = Outage.objects.filter(probe=probe).order_by("started_at")
            assert down == list(outages.values_list("started_at", "ended_at")), probe
            assert (spans[-1].state, probe.state) == (UP, UP)
            stored = [(row.state, row.begins, min(row.ends, NOW)) for row in probe.spans.order_by("begins")]
            assert stored == [(span.state, span.begins, span.ends) for span in spans if span.state != UNKNOWN], probe
        assert timelines.fold_readings(NOW) == 0
        assert Outage.objects.count() == 5
        assert not Outage.objects.going_on().exists()

    def test_each_outage_has_the_ticket_that_a_real_one_leaves(self) -> None:
        outages = list(Outage.objects.order_by("started_at", "pk").select_related("probe__target"))
        tickets = alerts.tickets_about("outage", [str(outage.pk) for outage in outages])
        assert len({ticket.pk for ticket in tickets.values()}) == len(outages) == 5
        for outage in outages:
            ticket = tickets[str(outage.pk)]
            begun, over = alerts.of_outage(outage, "firing"), alerts.of_outage(outage, "resolved")
            assert (ticket.source, ticket.reporter, ticket.key) == (begun.source, begun.reporter, begun.key)
            assert (ticket.title, ticket.description) == (begun.title, begun.description)
            assert (ticket.severity, ticket.tags) == (outage.probe.severity, sorted(begun.tags))
            assert ticket.category is not None
            assert ticket.category.key == begun.category
            links = ticket.links.values_list("kind", "ref", "label", "url")
            assert list(links) == [("outage", str(outage.pk), str(outage), f"/health/{outage.probe_id}/")]
            first, cleared = ticket.entries.get(kind="opened"), ticket.entries.get(kind="cleared")
            facts = {
                name: {
                    "severity": alert.severity,
                    "occurred_at": alert.occurred_at.isoformat(),
                    "description": alert.description,
                }
                for name, alert in (("opened", begun), ("cleared", over))
            }
            assert (first.text, first.actor, first.data) == (begun.title, None, facts["opened"])
            assert cleared.text == over.title
            assert {name: cleared.data[name] for name in facts["cleared"]} == facts["cleared"]
            assert outage.ended_at is not None
            moments = (outage.confirmed_at, ticket.created_at, outage.ended_at, ticket.cleared_at, ticket.resolved_at)
            assert list(moments) == sorted(each for each in moments if each)
            assert (ticket.status, ticket.clear) == ("closed", True)

    def test_a_real_outage_of_the_same_probe_leaves_the_same(self) -> None:
        of_nobody = Ticket.objects.filter(links__kind="outage", resolution_code="by_itself").first()
        assert of_nobody is not None
        outage = Outage.objects.select_related("probe").get(pk=of_nobody.links.get().ref)
        generated, probe, begins = left_by(outage), outage.probe, NOW + INTERVAL
        assert outage.length is not None
        Probe.objects.filter(pk=probe.pk).update(paused_at=None)
        for number in range(int(outage.length / INTERVAL) + 1):
            at = begins + number * INTERVAL
            works = number == outage.length / INTERVAL
            with time_machine.travel(at + TOLD_AFTER, tick=False):
                store([Read(probe.pk, at, UP if works else DOWN, "" if works else outage.reason, 12)])
                outages.settle(probe.pk)
        real = Outage.objects.get(started_at=begins)
        assert (real.length, real.confirmed_at - begins, real.reason) == (outage.length, INTERVAL, outage.reason)
        assert left_by(real) == generated

    def test_people_took_the_gravest_and_what_nobody_took_was_resolved_by_itself(self) -> None:
        tickets = Ticket.objects.filter(links__kind="outage")
        assert set(tickets.values_list("resolution_code", flat=True)) == {"fixed", "by_itself"}
        grave = tickets.get(severity="critical")
        assert grave.title == "Database is down on ZbInnovation platform"
        assert list(grave.stints.order_by("entered_at").values_list("tier", "how")) == [(1, "opened"), (2, "escalated")]
        assert grave.stints.exclude(responded_at=None).count() == 2
        assert grave.entries.get(kind="escalated").data["criterion"] == "System outages"
        for ticket in tickets.exclude(resolution_code="by_itself"):
            assert ticket.resolution_note

    def test_the_entries_of_these_tickets_say_that_they_are_demo_data(self) -> None:
        keys = [str(pk) for pk in Ticket.objects.filter(links__kind="outage").values_list("pk", flat=True)]
        entries = AuditEntry.objects.filter(target_kind="ticket", target_id__in=keys)
        assert entries.filter(verb="ticket_opened").count() == 5
        assert not entries.exclude(after__demo=True).exists()

    def test_windows_were_approved_in_time_late_and_not_yet(self) -> None:
        windows = MaintenanceWindow.objects.order_by("begins_at")
        assert [window.state_at(NOW) for window in windows] == ["over", "over", "asked"]
        assert [bool(window.approved_at and window.approved_at > window.begins_at) for window in windows] == [
            *(False, True, False),
        ]
        assert Reading.objects.filter(planned=True).count() == 6
        erased = service_reading.erasures(dt.date(2026, 2, 7), NOW.date())
        assert [(each.service.name, each.length / INTERVAL) for each in erased] == [("API", 2), ("Web application", 2)]
