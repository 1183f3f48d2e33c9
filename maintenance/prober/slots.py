"""Slots: the times at which a probe is to be read, each taken by one prober.

A probe's slots lie on a grid of its own, so that many probes of one interval are spread over it evenly and stay so.
Who moves `next_at` on has taken the slot; the row is locked while that happens, and others pass over it. The clock is
that of the database, so that any number of machines agree.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

# Where in its interval a probe is read, in seconds: the golden ratio spreads any number of ids evenly.
_PHASE: Final = "(mod(p.id * 0.6180339887498949, 1) * p.interval_seconds)::float8"
_NOW: Final = "extract(epoch FROM statement_timestamp())::float8"
# The next time on the grid that is at least half an interval away: what was read late is not read twice at once.
_NEXT: Final = f"""to_timestamp({_PHASE} + p.interval_seconds * ceil(
    ({_NOW} + p.interval_seconds / 2.0 - {_PHASE}) / p.interval_seconds))"""
_TAKE: Final = """
WITH due AS (
    SELECT p.id, t.reference FROM maintenance_probe p LEFT JOIN maintenance_target t ON t.id = p.target_id
    WHERE p.paused_at IS NULL AND p.retired_at IS NULL AND p.next_at <= statement_timestamp()
    ORDER BY p.next_at LIMIT %s FOR NO KEY UPDATE OF p SKIP LOCKED
)
UPDATE maintenance_probe p SET next_at = NEXT_ON_GRID
FROM due WHERE p.id = due.id
RETURNING p.id, p.kind, p.parameters::text, due.reference, p.interval_seconds, p.timeout_seconds, p.slow_ms,
    statement_timestamp()
""".replace("NEXT_ON_GRID", _NEXT)
# What was not read for a whole interval has lost its slots, and its readings a gap. All of it at once would be a storm.
# A slot far ahead is from before the clock was put back, or the interval shortened.
_MOVE_ON: Final = """
UPDATE maintenance_probe
SET next_at = statement_timestamp() + random() * least(interval_seconds, 60) * interval '1 second'
WHERE id IN (
    SELECT id FROM maintenance_probe
    WHERE paused_at IS NULL AND retired_at IS NULL AND (
        next_at < statement_timestamp() - interval_seconds * interval '1 second'
        OR next_at > statement_timestamp() + (1.5 * interval_seconds + 1) * interval '1 second')
    FOR NO KEY UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True)
class Slot:
    """A slot that was taken at `at`, and what is to be read in it."""

    probe: int
    kind: str
    parameters: dict[str, Any]
    reference: str
    interval: float
    timeout: float
    slow_ms: int | None
    at: dt.datetime


def take(most: int) -> list[Slot]:
    """Take the slots that are due, the oldest first, `most` of them."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [most])
        return [
            Slot(probe, kind, json.loads(parameters), reference or "", interval, timeout, slow_ms, at)
            for probe, kind, parameters, reference, interval, timeout, slow_ms, at in cursor.fetchall()
        ]


def move_on() -> int:
    """Give new slots to probes that have lost theirs, spread over the next minute. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_ON)
        return int(cursor.rowcount)
