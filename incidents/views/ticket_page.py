"""What the page of a ticket shows, read for it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Exists, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from incidents.models import Entry, Link, Pause, Status, Ticket, VendorEscalation, Watcher
from incidents.rules import offering, recurrence
from incidents.rules.next_step import NextStep, Standing, next_step
from incidents.rules.offering import Offer
from incidents.views.ticket_alert_page import TicketAlerts
from incidents.views.ticket_clocks import TicketClocks
from zbmaint.access.models import Person
from zbmaint.prepared import Prepared

EARLIER = 5
NONE = uuid.UUID(int=0)  # of no ticket
ALSO = ("tier__calendar", "tier__on_call", "assignee", "category", "reported_by")
KEYS = {"claim": "a", "assign": "i", "escalate": "e", "vendor": "e", "resolve": "r"}
ICONS = {
    "claim": "acknowledge",
    "resume": "play",
    "assign": "assign",
    "escalate": "escalate",
    "vendor": "external",
    "resolve": "check",
    "hand-back": "rollback",
    "pause": "pause",
    "edit": "tag",
    "reopen": "refresh",
    "close": "lock",
}
# What a page reads, each asked at every request.
HAS = {"has_links": Link, "has_vendors": VendorEscalation, "has_pauses": Pause}  # most tickets have none of these
TICKET = Prepared(
    lambda number: (
        Ticket.objects.select_related(*ALSO)
        .filter(number=number)
        .annotate(**{name: Exists(model._default_manager.filter(ticket=OuterRef("pk"))) for name, model in HAS.items()})
        .order_by()
    ),
    -1,
)
ASSIGNED = Prepared(
    lambda ticket: (
        Entry.objects.filter(ticket=ticket, kind=Entry.Kind.ASSIGNED).select_related("actor").order_by("-at", "-pk")[:1]
    ),
    NONE,
)
LINKS = Prepared(lambda ticket: Link.objects.filter(ticket=ticket), NONE)
WATCHERS = Prepared(lambda ticket: Watcher.objects.filter(ticket=ticket).select_related("person"), NONE)
VENDORS = Prepared(lambda ticket: VendorEscalation.objects.filter(ticket=ticket).select_related("by"), NONE)
# What is done by one click; the rest is asked about first.
AT_ONCE = frozenset({"claim", "resume"})


@dataclass(frozen=True)
class OfferRow:
    """Something to do, with its symbol, its key and its URL's name."""

    offer: Offer

    @property
    def icon(self) -> str:
        """Its symbol."""
        return ICONS[self.offer.deed]

    @property
    def key(self) -> str:
        """The key that presses it."""
        return KEYS.get(self.offer.deed, "")

    @property
    def url(self) -> str:
        """Its URL's name."""
        return f"ticket_{self.offer.deed.replace('-', '_')}"

    @property
    def at_once(self) -> bool:
        """Whether one click does it."""
        return self.offer.deed in AT_ONCE

    @property
    def is_dialog(self) -> bool:
        """Whether it is asked about in a dialog; what is written at length has a page."""
        return self.offer.deed != "edit"


def find(number: int) -> Ticket:
    """The ticket with what its page shows of it, and whether it has what HAS names; Http404."""
    found = TICKET.objects(number)
    if not found:
        raise Http404(f"There is no ticket INC-{number}.")
    return found[0]


def _of_kind(kind: str, begins: dt.datetime, number: int) -> QuerySet[Ticket]:
    return Ticket.objects.filter(kind=kind, created_at__gte=begins, number__lt=number)


def _latest(kind: str, begins: dt.datetime, number: int) -> QuerySet[Ticket]:
    ends = Entry.objects.filter(ticket=OuterRef("pk"), kind=Entry.Kind.STATUS, data__has_key="code")
    ended_by = Subquery(ends.order_by("-pk").values("actor__username")[:1])
    counted = _of_kind(kind, begins, number).order_by().values(n=Func("number", function="count"))
    number_of = Subquery(counted, output_field=IntegerField())
    found = _of_kind(kind, begins, number).annotate(ended_by=ended_by, of_its_kind=number_of)
    found = found.order_by("-created_at", "-number")
    return found.defer("description", "resolution_note")[:EARLIER]


LATEST = Prepared(_latest, "\x00", dt.datetime(1, 1, 1, tzinfo=dt.UTC), -1)


class TicketPage:
    """The page of `ticket` for `person`, at one moment. Each part is read when it is asked for."""

    def __init__(self, ticket: Ticket, person: Person) -> None:
        self.ticket = ticket
        self.person = person
        self.now = timezone.now()
        self.clocks = TicketClocks(ticket, self.now)
        self.alerts = TicketAlerts(ticket)

    @property
    def mine(self) -> bool:
        """Whether the person has it."""
        return self.ticket.assignee_id == self.person.pk

    @property
    def accepted(self) -> bool:
        """Whether whoever has it has begun, and is still there."""
        holder = self.ticket.assignee
        return self.ticket.accepted_at is not None and holder is not None and holder.is_active

    @cached_property
    def offers(self) -> list[OfferRow]:
        """What the person can do to it; nothing without the permission."""
        ticket = self.ticket
        if not self.person.has_perm("incidents.change_ticket"):
            return []
        found = offering.offered(
            status=ticket.status,
            mine=self.mine,
            holder=str(ticket.assignee) if ticket.assignee and not self.mine else None,
            accepted=self.accepted,
            actor_tier=self.person.tier,
            tier=ticket.tier_id,
            paused=ticket.paused_until is not None,
        )
        return [OfferRow(offer) for offer in found]

    @property
    def rare(self) -> list[OfferRow]:
        """Those that stand in the menu."""
        return [row for row in self.offers if row.offer.rare]

    @cached_property
    def next_step(self) -> NextStep:
        """What happens next to it."""
        ticket, present, holder = self.ticket, self.clocks.present, self.ticket.assignee
        on_call = ticket.tier.on_call
        pauses = present.pauses.all() if present is not None and ticket.paused_until else ()
        standing = Standing(
            status=ticket.status,
            tier=ticket.tier_id,
            holder=str(holder) if holder else None,
            mine=self.mine,
            accepted=self.accepted,
            left=holder is not None and not holder.is_active,
            on_call=str(on_call) if on_call is not None and on_call.is_active else None,
            due=ticket.due_at,
            due_clock=ticket.due_clock,
            at_risk=ticket.at_risk_at,
            responded=present is not None and present.responded_at is not None,
            paused_until=ticket.paused_until,
            waits_for=next((pause.reason for pause in pauses if pause.ended_at is None), ""),
            closes_at=ticket.resolved_at + dt.timedelta(days=settings.TICKET_CLOSE_DAYS)
            if ticket.resolved_at
            else None,
            clear=ticket.clear,
        )
        return next_step(standing, self.now)

    @cached_property
    def assigned(self) -> Entry | None:
        """The latest assignment."""
        return next(iter(ASSIGNED.objects(self.ticket.pk)), None)

    @property
    def why(self) -> dict[str, Any]:
        """Why a rule has chosen who has it; empty when a person did."""
        return self.assigned.data.get("why", {}) if self.assigned else {}

    @cached_property
    def links(self) -> list[Link]:
        """What it has to do with."""
        return LINKS.objects(self.ticket.pk) if getattr(self.ticket, "has_links", True) else []

    @cached_property
    def watchers(self) -> list[Watcher]:
        """Who follows it."""
        return WATCHERS.objects(self.ticket.pk)

    @property
    def watched(self) -> bool:
        """Whether the person does."""
        return any(watcher.person_id == self.person.pk for watcher in self.watchers)

    @cached_property
    def vendors(self) -> list[VendorEscalation]:
        """Who outside works on it."""
        return VENDORS.objects(self.ticket.pk) if getattr(self.ticket, "has_vendors", True) else []

    @cached_property
    def of_its_kind(self) -> int:
        """The how many-th of its kind it is, in the 30 days before it."""
        return 1 + (int(getattr(self._latest[0], "of_its_kind", 0)) if self._latest else 0)

    @cached_property
    def earlier(self) -> list[Ticket]:
        """The latest of those before it, with `ended_by`, the username of who ended it."""
        return self._latest

    @cached_property
    def _latest(self) -> list[Ticket]:
        begins = self.ticket.created_at - dt.timedelta(days=recurrence.DAYS)
        return LATEST.objects(self.ticket.kind, begins, self.ticket.number) if self.ticket.kind else []

    @property
    def took(self) -> dict[str, dt.timedelta] | None:
        """How long it took, three ways; None while it is not resolved, and of old ones that were not measured so."""
        ticket = self.ticket
        measured = {
            "wall": ticket.resolution_seconds,
            "business": ticket.resolution_business_seconds,
            "net": ticket.resolution_net_seconds,
        }
        known = {name: dt.timedelta(seconds=value) for name, value in measured.items() if value is not None}
        return known or None

    @property
    def takes_comments(self) -> bool:
        """Whether something can still be said about it, by this person."""
        return self.ticket.status != Status.CLOSED and self.person.has_perm("incidents.change_ticket")
