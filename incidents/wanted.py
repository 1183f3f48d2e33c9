"""What the outbox asks the people's floor: whether a call is still wanted, and whom to tell that one was given up."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.urls import reverse

from incidents.actions.changing import Kind, changing
from incidents.models import Ticket
from incidents.models.ticket import PREFIX
from incidents.notices.news import number_of
from incidents.notices.posting import STILL_WANTED
from incidents.rules import notifying
from zbmaint.notifications import given_up, still_wanted, topics
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.catalog import TITLES

# A target that is missed is told also when somebody has begun.
UNTIL_TAKEN = frozenset(f"ticket.{event}" for event in (notifying.OPENED, notifying.ESCALATED, notifying.ASSIGNED))


def why_not_wanted(notices: Sequence[Notice]) -> dict[uuid.UUID, str]:
    """Why nobody has to be called about their tickets any more."""
    numbers = {number_of(notice.topic) for notice in notices}
    tickets = Ticket.objects.filter(number__in=numbers).select_related("assignee").in_bulk(field_name="number")
    return {notice.pk: _why_not(notice, tickets.get(number_of(notice.topic))) for notice in notices}


def _why_not(notice: Notice, ticket: Ticket | None) -> str:
    if ticket is None:
        return "The ticket is not kept any more."
    if not ticket.is_unfinished:
        return f"{ticket} was resolved meanwhile."
    if notice.kind in UNTIL_TAKEN and ticket.accepted_at is not None and ticket.accepted_at > notice.occurred_at:
        return f"{ticket.assignee} has taken {ticket} meanwhile."
    return ""


def tell_given_up(notice: Notice, why: str) -> None:
    """Say on the timeline that somebody could not be told."""
    number = number_of(notice.topic)
    if not Ticket.objects.unfinished().filter(number=number).exists():
        return
    who = str(notice.person or notice.recipient)
    with changing(number, actor=None) as change:
        by = TITLES.get(notice.transport, notice.transport).lower()
        change.tell(Kind.UNNOTIFIED, f"could not tell {who} by {by}: {why.rstrip('.')}", notice=str(notice.pk))
        change.verb = "ticket_notice_given_up"


def link(rest: str) -> tuple[str, str]:
    """What the topic of a ticket is called, and its page."""
    return f"{PREFIX}{rest}", reverse("ticket", args=[rest])


still_wanted.register(STILL_WANTED, why_not_wanted)
given_up.register("ticket", tell_given_up)
topics.register("ticket", link)
