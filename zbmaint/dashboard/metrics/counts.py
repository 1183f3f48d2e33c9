"""Small numbers of several tables, in one query: most of what a scrape costs is how often it asks."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, NamedTuple

from django.db.backends.utils import CursorWrapper

from maintenance.rules import run_states
from zbmaint.notifications.transports import webhook
from zbmaint.prepared import answers, preparing_cursor

_COUNTS: Final = """
SELECT 'edition', kind, edition::float8 FROM rollup_rolled
UNION ALL SELECT 'running', task, count(*) FROM maintenance_run WHERE state = %s::text GROUP BY task
UNION ALL SELECT 'delivered', result, sum(number) FROM notifications_attemptcount
    WHERE transport = %s::text GROUP BY result
UNION ALL SELECT 'beat', 'ticker', date_part('epoch', max(seen_at)) FROM queue_process WHERE kind = 'ticker'
"""


class Counts(NamedTuple):
    """Editions of what is rolled up, by kind; runs at work, by task; attempts at the webhook, by how they ended; when a
    ticker last said that it lives, in Unix time."""

    editions: dict[str, int]
    running: dict[str, int]
    delivered: dict[str, int]
    beat: float | None


def ask() -> CursorWrapper:
    """Ask for all of them, as they are now."""
    cursor = preparing_cursor()
    cursor.execute(_COUNTS, [run_states.RUNNING, webhook.KEY])
    return cursor


def read(asked: CursorWrapper) -> Counts:
    """What was asked."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    beat = None
    for what, label, number in answers(asked):
        if what == "beat":
            beat = number
        else:
            found[what][label] = int(number)
    return Counts(found["edition"], found["running"], found["delivered"], beat)
