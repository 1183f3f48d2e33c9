"""The overview's tickets: how many there are, which come first, where they stand, and who answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from incidents.measures.now import OnCall, TicketsNow, read_now, read_on_call
from incidents.models import ALL_SEVERITIES, ALL_TIERS, Severity, TicketDay
from incidents.views.attention import first_tickets
from incidents.views.queue_counts import up_to_enough
from zbmaint.access.models import Person
from zbmaint.prepared import Prepared
from zbmaint.ui.templatetags.ui import person_mark

NEWEST: Final = Prepared(
    lambda: TicketDay.objects.filter(day=TicketDay.objects.order_by("-day").values("day")[:1]).values_list(
        "tier", "severity", "open", "open_unassigned", "open_age_oldest"
    )
)


@dataclass(frozen=True)
class TierRow:
    """The open tickets of a tier (0: of all), by severity, worst first; ages in seconds."""

    tier: int
    severities: list[tuple[str, int]]
    open: int
    unassigned: int
    oldest: int | None


@dataclass(frozen=True)
class Duty:
    """Who is on call for a tier, with their mark."""

    who: OnCall
    mark: SafeString


@dataclass(frozen=True)
class Tickets:
    """What the overview says of tickets. `tiers` is as of the last roll-up, of `day`; everything else is of now."""

    now: TicketsNow
    first: list[SafeString]
    tiers: list[TierRow]
    on_call: list[Duty]

    @property
    def overdue(self) -> str:
        """How many targets are missed, for people."""
        return up_to_enough(self.now.overdue)

    @property
    def soon(self) -> str:
        """How many will be within half an hour, for people."""
        return up_to_enough(self.now.soon)


def read_tickets(viewer: Person, now: dt.datetime) -> Tickets:
    """Four queries."""
    duties = [Duty(who, _mark_of(who, viewer)) for who in read_on_call(now)]
    return Tickets(read_now(now), first_tickets(viewer, now), _read_tiers(), duties)


def _mark_of(who: OnCall, viewer: Person) -> SafeString:
    if who.username is None:
        return person_mark("Nobody")
    return person_mark(who.username, who.full_name or who.username, mine=who.person == viewer.pk)


def _read_tiers() -> list[TierRow]:
    rows = {(row[0], row[1]): (row[2], row[3], row[4]) for row in NEWEST.rows()}
    tiers = sorted({tier for tier, _ in rows if tier != ALL_TIERS})
    return [_tier(tier, rows) for tier in (*tiers, ALL_TIERS) if (tier, ALL_SEVERITIES) in rows]


def _tier(tier: int, rows: dict[tuple[int, str], tuple[int, int, int | None]]) -> TierRow:
    nothing = (0, 0, None)
    by_severity = [(severity, rows.get((tier, severity), nothing)[0]) for severity in Severity.values]
    return TierRow(tier, by_severity, *rows[tier, ALL_SEVERITIES])
