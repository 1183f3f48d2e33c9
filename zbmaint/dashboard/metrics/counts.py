"""Small numbers of several tables, in one query: most of what a scrape costs is how often it asks."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, NamedTuple

from maintenance.rules import run_states
from zbmaint.notifications.transports import webhook
from zbmaint.prepared import preparing_cursor

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


def read_counts() -> Counts:
    """All of them, as they are now."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    beat = None
    with preparing_cursor() as cursor:
        cursor.execute(_COUNTS, [run_states.RUNNING, webhook.KEY])
        for what, label, number in cursor.fetchall():
            if what == "beat":
                beat = number
            else:
                found[what][label] = int(number)
    return Counts(found["edition"], found["running"], found["delivered"], beat)
