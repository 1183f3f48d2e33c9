"""Readings are folded into the timelines of their probes: rows that stay when the readings are deleted.

Folding holds the rows of the probes against whoever stores readings of them, so that none is passed over: what is
stored afterwards is later than what was folded, or is noted as late (`note_late`).
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from maintenance.kpis import service_days
from maintenance.models import Timeline
from maintenance.rules.probe_states import Sample, Span, Standing
from maintenance.rules.timelines import Folded, Segment, begin_again, changed, fold
from zbmaint.queue.locks import transaction_lock
from zbmaint.rollup import days
from zbmaint.rollup.models import Stale

# Probes of one transaction, and readings of each in it; years of them are folded in many.
PROBES_A_BATCH: Final = 200
READINGS_A_BATCH: Final = 500
# What is not done by then goes on at the next call: others wait for their turn.
MOST_SECONDS: Final = 10.0
_JUST: Final = dt.timedelta(microseconds=1)

_NEW: Final = """
INSERT INTO maintenance_timeline (probe_id, standing)
SELECT p.id, '{}' FROM maintenance_probe p
WHERE NOT EXISTS (SELECT FROM maintenance_timeline t WHERE t.probe_id = p.id)
ON CONFLICT DO NOTHING
"""
_UNREAD: Final = """
SELECT t.probe_id FROM maintenance_timeline t
WHERE t.back_to IS NOT NULL OR EXISTS (
    SELECT FROM maintenance_reading r WHERE r.probe_id = t.probe_id AND r.at > coalesce(t.read_until, '-infinity'))
ORDER BY t.probe_id
"""
# Weaker than what stores readings takes, and no obstacle to who takes a slot.
_HOLD: Final = "SELECT id FROM maintenance_probe WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
_READINGS: Final = """
SELECT n.probe, r.at, r.state FROM unnest(%s::bigint[], %s::timestamptz[]) AS n (probe, after), LATERAL (
    SELECT at, state FROM maintenance_reading WHERE probe_id = n.probe AND at > coalesce(n.after, '-infinity')
    ORDER BY at LIMIT %s
) AS r ORDER BY n.probe, r.at
"""
# The last reading that worked before a late one, from which on the timeline can be made again; else the oldest.
_AGAIN: Final = """
SELECT n.probe, coalesce(
    (SELECT at FROM maintenance_reading r WHERE r.probe_id = n.probe AND at >= %(kept)s AND at < n.late
     AND state IN ('up', 'degraded') ORDER BY at DESC LIMIT 1),
    (SELECT at FROM maintenance_reading r WHERE r.probe_id = n.probe AND at >= %(kept)s ORDER BY at LIMIT 1))
FROM unnest(%(probes)s::bigint[], %(late)s::timestamptz[]) AS n (probe, late)
"""
_SPANS: Final = """
SELECT n.probe, s.state, s.begins, s.ends FROM unnest(%s::bigint[], %s::timestamptz[]) AS n (probe, at), LATERAL (
    (SELECT state, begins, ends FROM maintenance_span WHERE probe_id = n.probe AND begins < n.at
     ORDER BY begins DESC LIMIT 1)
    UNION ALL
    (SELECT state, begins, ends FROM maintenance_span WHERE probe_id = n.probe AND begins >= n.at)
) AS s ORDER BY n.probe, s.begins
"""
_DROP: Final = """
DELETE FROM maintenance_span s USING unnest(%s::bigint[], %s::timestamptz[]) AS n (probe, begins)
WHERE s.probe_id = n.probe AND s.begins = n.begins
"""
_KEEP: Final = """
INSERT INTO maintenance_span (probe_id, begins, ends, state)
SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[])
ON CONFLICT (probe_id, begins) DO UPDATE SET ends = excluded.ends, state = excluded.state
"""
_NOTE: Final = """
UPDATE maintenance_timeline t SET read_until = n.until, standing = n.standing, back_to = NULL
FROM unnest(%s::bigint[], %s::timestamptz[], %s::jsonb[]) AS n (probe, until, standing) WHERE t.probe_id = n.probe
"""
_LATE: Final = """
UPDATE maintenance_timeline t SET back_to = least(t.back_to, n.at)
FROM unnest(%s::bigint[], %s::timestamptz[]) AS n (probe, at) WHERE t.probe_id = n.probe AND n.at <= t.read_until
"""


@dataclass(frozen=True)
class _Made:
    """What became of one probe: the rows that were there from the place on that was folded, and those that are now."""

    probe: int
    read_until: dt.datetime | None
    folded: Folded
    old: Sequence[Span]
    new: Sequence[Span]


def fold_readings(now: dt.datetime) -> int:
    """Fold in what was read since the last time. Returns how many probes that was.

    Days before today whose states change are noted as stale.
    """
    until = time.monotonic() + MOST_SECONDS
    count = 0
    _execute(_NEW)
    while waiting := [row[0] for row in _rows(_UNREAD)]:
        for start in range(0, len(waiting), PROBES_A_BATCH):
            _fold_batch(waiting[start : start + PROBES_A_BATCH], now)
            count += len(waiting[start : start + PROBES_A_BATCH])
            if time.monotonic() > until:
                return count
    return count


def note_late(read: Mapping[int, dt.datetime]) -> None:
    """Note the earliest of the readings that are stored of each probe, where it is no later than what was folded.

    In the transaction that stores them and holds the rows of their probes.
    """
    _execute(_LATE, [list(read), list(read.values())])


@transaction.atomic
def _fold_batch(probes: Sequence[int], now: dt.datetime) -> None:
    transaction_lock("timelines")
    _execute(_HOLD, [list(probes)])
    lines = list(Timeline.objects.filter(probe__in=probes).select_related("probe").order_by("pk"))
    again = _begun_again([line for line in lines if line.back_to is not None], now)
    after = {line.pk: again[line.pk][0] if line.pk in again else line.read_until for line in lines}
    samples: dict[int, list[Sample]] = defaultdict(list)
    for probe, at, state in _rows(_READINGS, [list(after), list(after.values()), READINGS_A_BATCH]):
        samples[probe].append(Sample(at, state))
    made = []
    for line in lines:
        read, terms = samples[line.pk], line.probe.terms
        folded = _thawed(line.standing)
        old = folded.spans
        if line.pk in again and read:
            _, before, old = again[line.pk]
            known = any(span.begins <= read[0].at < span.ends for span in old)
            folded = begin_again(before, read[0], terms, known=known)
        new, folded = fold(folded, read, terms)
        made.append(_Made(line.pk, read[-1].at if read else line.read_until, folded, old, new))
    _write(made)
    _note_stale(made, now)


def _begun_again(lines: Sequence[Timeline], now: dt.datetime) -> dict[int, tuple[dt.datetime, Span | None, list[Span]]]:
    """For each probe of which readings came late, where it is begun again.

    That is after which moment readings are folded anew, the last span that began before, and the spans that may be
    changed. Readings that are about to be deleted are no place to begin at: of those before them some are gone.
    """
    if not lines:
        return {}
    kept = now - dt.timedelta(days=settings.READING_RETENTION_DAYS)
    given = {"probes": [line.pk for line in lines], "late": [line.back_to for line in lines], "kept": kept}
    found = {probe: at for probe, at in _rows(_AGAIN, given) if at is not None}
    spans: dict[int, list[Span]] = defaultdict(list)
    for probe, state, begins, ends in _rows(_SPANS, [list(found), list(found.values())]):
        spans[probe].append(Span(state, begins, ends))
    again = {}
    for probe, at in found.items():
        before = spans[probe][0] if spans[probe] and spans[probe][0].begins < at else None
        again[probe] = (at - _JUST, before, spans[probe])
    return again


def _write(made: Iterable[_Made]) -> None:
    gone, kept, noted = [], [], []
    for each in made:
        begins = {span.begins for span in each.new}
        gone += [(each.probe, span.begins) for span in each.old if span.begins not in begins]
        before = set(each.old)
        kept += [(each.probe, span.begins, span.ends, span.state) for span in each.new if span not in before]
        noted.append((each.probe, each.read_until, json.dumps(frozen(each.folded))))
    for sql, rows in ((_DROP, gone), (_KEEP, kept), (_NOTE, noted)):
        if rows:
            _execute(sql, [list(column) for column in zip(*rows, strict=True)])


def _note_stale(made: Iterable[_Made], now: dt.datetime) -> None:
    today = days.day_of(now)
    stale: set[dt.date] = set()
    for each in made:
        differing = changed(each.old, each.new)
        if differing is not None:
            begins, ends = differing
            stale |= set(days.each(days.day_of(begins), min(days.day_of(ends - _JUST), today - days.A_DAY)))
    Stale.objects.bulk_create(Stale(kind=service_days.KIND, at=days.begins(day)) for day in sorted(stale))


def frozen(folded: Folded) -> dict[str, Any]:
    """As a row keeps it, in JSON."""
    standing = folded.standing
    return {
        "at": standing.at and standing.at.isoformat(),
        "state": standing.state,
        "since": standing.since and standing.since.isoformat(),
        "failures": standing.failures,
        "failing_since": standing.failing_since and standing.failing_since.isoformat(),
        "tail": [[each.state, each.begins.isoformat(), each.ends.isoformat(), each.waits] for each in folded.tail],
        "said": folded.said,
    }


def _thawed(kept: Mapping[str, Any]) -> Folded:
    if not kept:
        return Folded()
    standing = Standing(
        at=_moment(kept["at"]),
        state=kept["state"],
        since=_moment(kept["since"]),
        failures=kept["failures"],
        failing_since=_moment(kept["failing_since"]),
    )
    tail = [
        Segment(state, dt.datetime.fromisoformat(begins), dt.datetime.fromisoformat(ends), waits)
        for state, begins, ends, waits in kept["tail"]
    ]
    # What was kept before one reading alone said nothing was shown.
    return Folded(standing, tuple(tail), kept.get("said", 2))


def _moment(text: str | None) -> dt.datetime | None:
    return parse_datetime(text) if text else None


def _execute(sql: str, given: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def _rows(sql: str, given: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
