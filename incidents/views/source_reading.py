"""Sources and their deliveries, read for pages."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from incidents.models import Delivery, Rejection, Source, Ticket
from incidents.rules import severities, ticket_states
from zbmaint.ui.words import thousands

RECENT = 20
TICKETS = 10
REJECTED_DAYS = 7
QUIET = dt.timedelta(hours=1)
# What a delivery's counts are called.
COUNTED = {
    "fired": "fired",
    "again": "fired again",
    "repeated": "told before",
    "resolved": "resolved",
    "late": "overtaken by newer ones",
    "unmatched": "resolved without having fired here",
    "truncated": "left out by the source",
}
ICONS = {
    "received": "queued",
    "processing": "running",
    "processed": "passed",
    "failed": "failed",
    "dismissed": "skipped",
}


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery as a page shows it."""

    delivery: Delivery

    @property
    def state(self) -> str:
        """Which mark it has."""
        return ICONS[self.delivery.state]

    @property
    def says(self) -> str:
        """What became of it."""
        if self.delivery.error:
            return self.delivery.error
        counts = self.delivery.counts
        told = [f"{thousands(counts[name])} {words}" for name, words in COUNTED.items() if counts.get(name)]
        return ", ".join(told).capitalize() if told else self.delivery.get_state_display()

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The same in pieces, each with whether it stood between backticks: it is code."""
        return [(text, bool(at % 2)) for at, text in enumerate(self.says.split("`")) if text]


@dataclass(frozen=True)
class SourceRow:
    """A source as the list shows it. `last_at` is when it delivered last, null while it never has."""

    source: Source
    last_at: dt.datetime | None
    today: int
    open_tickets: int
    now: dt.datetime

    @property
    def health(self) -> str:
        """Which colour its state has."""
        return "up" if self.source.enabled and self.last_at and self.now - self.last_at < QUIET else ""

    @property
    def state(self) -> str:
        """How it is."""
        if not self.source.enabled:
            return "Switched off"
        if self.last_at is None:
            return "Never used"
        return "Receiving" if self.health else "Quiet"


def read_sources(now: dt.datetime) -> list[SourceRow]:
    """Every source; three queries."""
    newest = Delivery.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    found = list(Source.objects.annotate(last_at=Subquery(newest)))
    return _rows(found, now)


def read_source(source: Source, now: dt.datetime) -> SourceRow:
    """One of them."""
    source.last_at = source.deliveries.values_list("received_at", flat=True).first()  # type: ignore[attr-defined]  # as in the list
    return _rows([source], now)[0]


def _rows(found: Sequence[Source], now: dt.datetime) -> list[SourceRow]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    came = Delivery.objects.filter(received_at__gte=midnight).values_list("source").annotate(Count("pk")).order_by()
    slugs = [each.slug for each in found]
    unfinished = Ticket.objects.filter(~Q(key=""), status__in=sorted(ticket_states.UNFINISHED), source__in=slugs)
    today, tickets = (
        Counter(dict(came)),
        Counter(dict(unfinished.values_list("source").annotate(Count("pk")).order_by())),
    )
    return [SourceRow(each, getattr(each, "last_at", None), today[each.pk], tickets[each.slug], now) for each in found]


def open_tickets(source: Source) -> list[Ticket]:
    """Its most urgent unfinished tickets."""
    return list(Ticket.objects.unfinished().filter(~Q(key=""), source=source.slug).in_queue_order()[:TICKETS])


def words_of(source: Source) -> list[tuple[str, str]]:
    """What its words for severities mean, the worst first."""
    return sorted(source.severities.items(), key=lambda pair: (severities.WORST_FIRST.index(pair[1]), pair[0]))


def recent(source: Source) -> list[DeliveryRow]:
    """Its latest deliveries."""
    return [DeliveryRow(each) for each in source.deliveries.defer("body")[:RECENT]]


def failed(source: Source | None = None) -> tuple[list[DeliveryRow], int]:
    """The catch-all: the newest deliveries that nothing could be made of, and how many there are in all."""
    found = Delivery.objects.failed() if source is None else Delivery.objects.failed().filter(source=source)
    rows = found.select_related("source").defer("body")[: RECENT + 1]
    shown = [DeliveryRow(each) for each in rows]
    return shown[:RECENT], len(shown) if len(shown) <= RECENT else found.count()


def rejected(source: Source | None, now: dt.datetime) -> list[tuple[str, int]]:
    """How often requests were turned away in the last days, by reason; `source` None: of nobody that is known."""
    since = now.date() - dt.timedelta(days=REJECTED_DAYS)
    found = Rejection.objects.filter(source=source, day__gt=since).values_list("reason").annotate(Sum("count"))
    return [(Rejection.Reason(reason).label, total) for reason, total in found.order_by("reason")]


def summary(rows: Sequence[SourceRow]) -> str:
    """What came today, in a sentence."""
    total, tickets = sum(row.today for row in rows), sum(row.open_tickets for row in rows)
    deliveries = f"{thousands(total)} {'delivery' if total == 1 else 'deliveries'} today"
    return f"{deliveries}, {thousands(tickets)} open {'ticket' if tickets == 1 else 'tickets'}."
