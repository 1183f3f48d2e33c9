"""One row of the queue: a ticket with the words that its row says."""

from __future__ import annotations

import datetime as dt
import math
from typing import Final, NamedTuple

from incidents.models import DueClock, Status
from incidents.rules import clocks, ticket_states
from zbmaint.ui import words

MINUTE = 60


class Listed(NamedTuple):
    """What a list reads of a ticket; COLUMNS names the same for `values_list`.

    A tuple, for a row of a model takes ten times as long to make. The last three are of the assignee.
    """

    number: int
    title: str
    severity: str
    status: str
    tier_id: int
    tags: list[str]
    version: int
    created_at: dt.datetime
    resolved_at: dt.datetime | None
    closed_at: dt.datetime | None
    resolution_seconds: int | None
    paused_until: dt.datetime | None
    first_response_at: dt.datetime | None
    accepted_at: dt.datetime | None
    due_at: dt.datetime | None
    due_clock: str
    at_risk_at: dt.datetime | None
    order_at: dt.datetime
    severity_rank: int
    assignee_id: int | None
    username: str | None
    full_name: str | None
    left_at: dt.datetime | None

    @property
    def is_unfinished(self) -> bool:
        """Neither resolved nor closed."""
        return self.status in ticket_states.UNFINISHED


COLUMNS: Final = (*Listed._fields[:-3], "assignee__username", "assignee__name", "assignee__retired_at")


class Mark(NamedTuple):
    """What the column of the clock says: for the tag {% sla %}."""

    state: str
    text: str
    about: str
    due: dt.datetime | None = None
    at_risk: dt.datetime | None = None


class QueueRow(NamedTuple):
    """A ticket at the moment `now`. `group` is the group under which it is shown.

    `gone` says why it does not belong to the list any more that still shows it.
    """

    ticket: Listed
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
            return Mark("met", f"Resolved in {took}", f"{Status(ticket.status).label} {_moment(ended)}")
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
    def assignee_left(self) -> bool:
        """Whether the one who has it has left."""
        return self.ticket.left_at is not None

    @property
    def unaccepted(self) -> bool:
        """Whether somebody has it who has not acted on it yet."""
        ticket = self.ticket
        return ticket.assignee_id is not None and ticket.accepted_at is None and not self.assignee_left

    def _short(self, moment: dt.datetime) -> str:
        utc = moment.astimezone(dt.UTC)
        return f"{utc:%H:%M}" if utc.date() == self.now.astimezone(dt.UTC).date() else f"{utc.day} {utc:%b}"


def why_gone(ticket: Listed, tier: int | None) -> str:
    """Why `ticket` does not belong any more to a list of unfinished tickets of `tier` (None: of all)."""
    if ticket.status in (Status.RESOLVED, Status.CLOSED):
        return Status(ticket.status).label
    return f"Now in tier {ticket.tier_id}" if tier not in (None, ticket.tier_id) else "Not in this list any more"


def _moment(value: dt.datetime | None) -> str:
    return words.moment(value) if value else "at a time that is not known"
