"""Generated clocks against the product's own rules: as if its actions had kept them all the time."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Count, F, Min

from incidents.actions import passing, pausing, statuses
from incidents.actions.clocks import Clocks, stays
from incidents.models import ClockEvent, Entry, Pause, ResponseTarget, Stint, Ticket, Tier
from incidents.rules import pausing as pause_rules
from incidents.rules import resolution, responding
from incidents.rules.clocks import BREACH
from tests.dashboard.generated import NOW
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.history import generate
from zbmaint.dashboard.demo.period import Period

CLOCK_FIELDS = ("due_at", "due_clock", "at_risk_at", "next_clock_at", "paused_until")


def kept(ticket: Ticket, stint: Stint) -> dict[str, Any]:
    """What the clocks of a ticket have written down."""
    facts = {name: getattr(ticket, name) for name in CLOCK_FIELDS}
    events = stint.clock_events.filter(void_at=None).values_list("clock", "threshold", "moment")
    return facts | {"due": stint.response_due_at, "breached": stint.breached_at, "events": list(events)}


class ClocksOfGeneratedTickets:
    """Held against `incidents`; of the desk in test_demo_desk.py."""

    def test_the_clocks_of_what_is_unfinished_stand_as_the_product_computes_them(self) -> None:
        unfinished = list(Ticket.objects.unfinished())
        assert len(unfinished) > 30
        for ticket in unfinished:
            stint = ticket.stints.get(left_at=None)
            before = kept(ticket, stint)
            Clocks(ticket, stint).refresh(NOW)
            assert kept(ticket, stint) == before, ticket
            assert stint.tier_id == ticket.tier_id
            running = ticket.pauses.filter(ended_at=None).values_list("until", flat=True).first()
            assert running == ticket.paused_until

    def test_what_is_finished_has_no_clock(self) -> None:
        finished = Ticket.objects.exclude(pk__in=Ticket.objects.unfinished())
        assert finished.count() > 1_000
        assert not Stint.objects.filter(ticket__in=finished, left_at=None).exists()
        assert not Pause.objects.filter(ticket__in=finished, ended_at=None).exists()
        assert not finished.exclude(due_at=None, at_risk_at=None, next_clock_at=None, paused_until=None).exists()

    def test_the_ticker_finds_nothing_to_do(self) -> None:
        assert passing.record_passed(NOW) == 0
        assert pausing.resume_ended(NOW) == 0
        assert statuses.close_old(NOW) == 0

    def test_every_threshold_that_was_passed_before_the_answer_is_told_once(self) -> None:
        # What had another severity later had other targets when it was answered.
        changed = Entry.objects.filter(kind="severity").values("ticket")
        stints = Stint.objects.exclude(ticket__in=changed).prefetch_related("clock_events", "pauses")
        for stint in stints[:800]:
            until = stint.responded_at or stint.left_at or NOW
            clock = Clocks(Ticket(), stint).response
            told = {event.threshold: event.moment for event in stint.clock_events.all()}
            passed = {percent: clock.at(percent) for percent in (50, 80, BREACH)}
            assert told == {percent: moment for percent, moment in passed.items() if moment and moment <= until}
            assert stint.breached_at == told.get(BREACH)
        lines = Entry.objects.filter(kind="clock")
        assert lines.count() == ClockEvent.objects.count()
        missed = lines.filter(text="first response target missed")
        assert missed.count() == ClockEvent.objects.filter(threshold=BREACH).count() > 0

    def test_resolution_times_are_those_of_the_stays(self) -> None:
        for ticket in Ticket.objects.exclude(resolved_at=None).order_by("kind", "number")[:300]:
            took = resolution.taken(stays(ticket))
            told = (ticket.resolution_seconds, ticket.resolution_business_seconds, ticket.resolution_net_seconds)
            assert told == tuple(int(each.total_seconds()) for each in (took.wall, took.business, took.net))
        assert Ticket.objects.filter(resolution_net_seconds__lt=F("resolution_seconds")).exists()
        reopened = Ticket.objects.filter(reopened__gt=0).exclude(resolved_at=None).first()
        assert reopened is not None
        assert reopened.stints.count() > 1

    def test_stays_follow_one_another_as_tickets_were_handed_on(self) -> None:
        criteria = {tier.number: set(tier.criteria) for tier in Tier.objects.all()}
        duties = {tier.number: set(tier.responsibilities) for tier in Tier.objects.all()}
        hows: Counter[str] = Counter()
        for ticket in Ticket.objects.annotate(number_of=Count("stints")).filter(number_of__gt=1):
            for before, after in itertools.pairwise(ticket.stints.order_by("entered_at", "id")):
                hows[after.how] += 1
                assert before.left_at is not None
                assert (after.entered_at == before.left_at) == (after.how != Stint.How.REOPENED)
                if after.how == Stint.How.ESCALATED:
                    assert after.tier_id == before.tier_id + 1
                    assert after.criterion in criteria[before.tier_id]
                elif after.how == Stint.How.HANDED_BACK:
                    assert after.tier_id == before.tier_id - 1
                    assert after.criterion in duties[after.tier_id]
                assert after.reason
        assert min(hows[how] for how in ("escalated", "handed_back", "reopened")) > 0

    def test_only_the_owning_tier_or_a_lead_with_the_ticket_has_answered(self) -> None:
        answered = Stint.objects.exclude(responded_at=None).select_related("responded_by")
        assert answered.count() > 1_000
        for stint in answered:
            assert stint.responded_by is not None
            assert responding.counts(actor_tier=stint.responded_by.tier, tier=stint.tier_id, is_assignee=False)
        first = Ticket.objects.annotate(answered=Min("stints__responded_at")).exclude(first_response_at=F("answered"))
        assert not first.exclude(first_response_at=None, answered=None).exists()

    def test_no_pause_is_longer_than_its_tier_allows(self) -> None:
        assert Pause.objects.filter(ended_at=F("until")).exists()
        assert Pause.objects.filter(ended_at__lt=F("until")).exists()
        for pause in Pause.objects.select_related("stint", "ticket"):
            severity = pause.ticket.severity
            if pause.ticket.entries.filter(kind="severity").exists():
                continue
            cap = ResponseTarget.objects.get(tier=pause.stint.tier_id, severity=severity).pause_cap
            assert not pause_rules.why_not_until(
                pause.until, pause.begun_at, cap=cap, paused_before=dt.timedelta(), severity=severity
            )
        assert not Stint.objects.annotate(pauses_of=Count("pauses")).filter(pauses_of__gt=1).exists()

    def test_what_was_resolved_longer_ago_than_the_setting_is_closed(self) -> None:
        before = NOW - dt.timedelta(days=settings.TICKET_CLOSE_DAYS)
        assert not Ticket.objects.filter(status="resolved", resolved_at__lte=before).exists()
        closed = Ticket.objects.filter(status="closed")
        latest = max(
            ticket.closed_at - ticket.resolved_at for ticket in closed if ticket.closed_at and ticket.resolved_at
        )
        assert latest < dt.timedelta(days=settings.TICKET_CLOSE_DAYS, minutes=15)
        assert closed.filter(entries__kind="status", entries__text="closed it").exists()


@pytest.mark.django_db
def test_the_ticker_goes_on_from_there(people: dict[str, Person]) -> None:
    now = dt.datetime.now(dt.UTC)
    generate(Period(10, 1, now), 0, 400)
    coming = Ticket.objects.exclude(next_clock_at=None).earliest("next_clock_at")
    stint = coming.stints.get(left_at=None)
    later = stint.entered_at + 2 * stint.response_target
    events = Clocks(coming, stint).record_passed(later)
    assert events[0].moment == coming.next_clock_at
    assert events[-1].threshold == BREACH
    told = set(stint.clock_events.filter(void_at=None).values_list("threshold", flat=True))
    assert told == {50, 80, 100}
