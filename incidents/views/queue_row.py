"""One row of the queue: a ticket with the words that its row says."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from incidents.models import DueClock, Status, Ticket
from incidents.rules import clocks
from zbmaint.ui import words

MINUTE = 60


@dataclass(frozen=True)
class Mark:
    """What the column of the clock says: for the tag {% sla %}."""

    state: str
    text: str
    about: str
    due: dt.datetime | None = None
    at_risk: dt.datetime | None = None


@dataclass(frozen=True)
class QueueRow:
    """A ticket at the moment `now`. `group` is the group under which it is shown.

    `gone` says why it does not belong to the list any more that still shows it.
    """

    ticket: Ticket
    now: dt.datetime
    group: str
    gone: str = ""

    @property
    def clock(self) -> Mark:
        """How its next target stands."""
        ticket = self.ticket
        if not ticket.is_unfinished:
            ended = ticket.closed_at or ticket.resolved_at
            took = words.duration(ticket.resolution_seconds or 0)
            return Mark("met", f"Resolved in {took}", f"{ticket.get_status_display()} {_moment(ended)}")
        if ticket.paused_until is not None:
            about = f"The clocks stand still until {_moment(ticket.paused_until)}"
            return Mark("paused", f"Paused until {self._short(ticket.paused_until)}", about)
        if ticket.due_at is None:
            return Mark("met", "Answered", f"First response {_moment(ticket.first_response_at)}. No clock runs.")
        state = clocks.state(ticket.due_at, ticket.at_risk_at, self.now)
        text = words.left((ticket.due_at - self.now).total_seconds())
        about = f"{DueClock(ticket.due_clock).label} due" if ticket.due_clock else "Due"
        return Mark(state, text, about, ticket.due_at, ticket.at_risk_at)

    @property
    def which(self) -> str:
        """Names the clock when it is not that of the first response, which all others are."""
        runs = self.ticket.is_unfinished and self.ticket.paused_until is None and self.ticket.due_at is not None
        return "resolution" if runs and self.ticket.due_clock == DueClock.RESOLUTION else ""

    @property
    def age(self) -> str:
        """How old it is, to the minute, as static/js/clock.js goes on to write it."""
        seconds = max(0.0, (self.now - self.ticket.created_at).total_seconds())
        return words.duration(math.floor(seconds / MINUTE) * MINUTE if seconds >= MINUTE else round(seconds))

    @property
    def created(self) -> str:
        """When it was opened."""
        return words.moment(self.ticket.created_at)

    @property
    def assignee_left(self) -> bool:
        """Whether the one who has it has left."""
        return self.ticket.assignee is not None and not self.ticket.assignee.is_active

    @property
    def unaccepted(self) -> bool:
        """Whether somebody has it who has not acted on it yet."""
        ticket = self.ticket
        return ticket.assignee is not None and ticket.accepted_at is None and not self.assignee_left

    def _short(self, moment: dt.datetime) -> str:
        utc = moment.astimezone(dt.UTC)
        return f"{utc:%H:%M}" if utc.date() == self.now.astimezone(dt.UTC).date() else f"{utc.day} {utc:%b}"


def why_gone(ticket: Ticket, tier: int | None) -> str:
    """Why `ticket` does not belong any more to a list of unfinished tickets of `tier` (None: of all)."""
    if ticket.status in (Status.RESOLVED, Status.CLOSED):
        return ticket.get_status_display()
    return f"Now in tier {ticket.tier_id}" if tier not in (None, ticket.tier_id) else "Not in this list any more"


def _moment(value: dt.datetime | None) -> str:
    return words.moment(value) if value else "at a time that is not known"
