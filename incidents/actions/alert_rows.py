"""The rows of alerts inside tickets: found by fingerprint, merged with what was told, written in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from incidents.intake.group import Instance
from incidents.models import EarlyResolve, Source, TicketAlert
from incidents.rules import episodes, ticket_states
from incidents.rules.episodes import News

BATCH = 1000
# An alert that is new to us and began longer ago was told late, or its source's clock is behind.
LATE = dt.timedelta(minutes=30)
TOLD_LATE = "told late"
MERGED = (
    *("name", "status", "severity", "labels", "annotations", "url", "flags", "starts_at", "ends_at"),
    *("last_seen_at", "resolved_at", "times", "repeats"),
)


def in_unfinished(source: Source, fingerprints: Collection[str]) -> list[TicketAlert]:
    """The rows of these alerts in tickets that nobody has ended."""
    rows = TicketAlert.objects.filter(source=source, fingerprint__in=fingerprints)
    return list(rows.filter(ticket__status__in=sorted(ticket_states.UNFINISHED)).order_by("id"))


def latest_in_finished(source: Source, fingerprints: Collection[str]) -> dict[str, TicketAlert]:
    """Of each of these alerts the newest row in a ticket that has ended, with the ticket."""
    if not fingerprints:
        return {}
    rows = TicketAlert.objects.filter(source=source, fingerprint__in=fingerprints)
    ended = rows.filter(ticket__status__in=sorted(ticket_states.FINISHED)).select_related("ticket")
    newest = ended.order_by("fingerprint", "-id").distinct("fingerprint")
    return {row.fingerprint: row for row in newest}


def merged(row: TicketAlert, told: Instance, news: News, received_at: dt.datetime) -> TicketAlert:
    """The row with what was told of it."""
    if news in (News.REPEATED, News.LATE, News.UNMATCHED):
        row.repeats += 1
    else:
        row.name, row.severity, row.url, row.flags = told.name, told.severity, told.url, list(told.flags)
        row.labels, row.annotations = dict(told.labels), dict(told.annotations)
        row.starts_at = told.starts_at or (received_at if news == News.AGAIN else row.starts_at)
        row.status = told.status
        row.ends_at = (told.ends_at or received_at) if news == News.RESOLVED else None
        row.resolved_at = received_at if news == News.RESOLVED else None
        row.times += news == News.AGAIN
    row.last_seen_at = max(row.last_seen_at, received_at)
    return row


def fresh(source: Source, told: Instance, received_at: dt.datetime) -> TicketAlert:
    """The row of an alert that fires for the first time, without its ticket yet."""
    late = told.starts_at is not None and told.starts_at < received_at - LATE
    return TicketAlert(
        source=source,
        fingerprint=told.fingerprint,
        name=told.name,
        status=told.status,
        severity=told.severity,
        labels=dict(told.labels),
        annotations=dict(told.annotations),
        url=told.url,
        flags=[*told.flags, TOLD_LATE] if late else list(told.flags),
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        first_seen_at=received_at,
        last_seen_at=received_at,
    )


def keep(rows: Sequence[TicketAlert]) -> None:
    """Write new and changed rows."""
    for row in rows:
        row.pk = None  # by its ticket and fingerprint the row that is there is found
    TicketAlert.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["ticket", "fingerprint"],
        update_fields=MERGED,
    )


def keep_early(source: Source, told: Iterable[tuple[Instance, dt.datetime]]) -> None:
    """Remember that these have ended, as was told at that moment, in case that they are still to fire."""
    rows = [
        EarlyResolve(
            source=source,
            fingerprint=each.fingerprint,
            name=each.name,
            starts_at=each.starts_at,
            received_at=received_at,
        )
        for each, received_at in told
    ]
    EarlyResolve.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["source", "fingerprint"],
        update_fields=["name", "starts_at", "received_at"],
    )


def over_already(source: Source, told: Iterable[tuple[Instance, dt.datetime]]) -> set[str]:
    """Of those that fire, as was told at that moment, the fingerprints of those whose end came before."""
    by_fingerprint = {each.fingerprint: (each, received_at) for each, received_at in told}
    early = EarlyResolve.objects.filter(source=source, fingerprint__in=by_fingerprint) if by_fingerprint else ()
    found = set()
    for row in early:
        each, received_at = by_fingerprint[row.fingerprint]
        if episodes.is_over(each.starts_at, received_at, resolved=row.starts_at, resolved_received_at=row.received_at):
            found.add(row.fingerprint)
    if found:
        EarlyResolve.objects.filter(source=source, fingerprint__in=found).update(matched=True)
    return found
