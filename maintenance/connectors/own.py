"""The product itself as a source of numbers: what its processes report, and the connections of its database."""

from __future__ import annotations

from typing import Final

from django.db import connection
from django.db.models import Count, Sum

from maintenance.rules.prometheus_text import (
    CONNECTIONS,
    CONNECTIONS_ACTIVE,
    CONNECTIONS_IDLE,
    CONNECTIONS_MAX,
    MEMORY_USED,
    PROCESSES,
    THREADS_LIVE,
)
from zbmaint.queue.presence import living

# What stands in front of the names of its sources. No target is called so: names of targets have no blanks.
PREFIX: Final = "zbmaint "
DATABASE: Final = f"{PREFIX}database"
SOURCES: Final = {
    "web": f"{PREFIX}web",
    "worker": f"{PREFIX}workers",
    "ticker": f"{PREFIX}ticker",
    "prober": f"{PREFIX}prober",
}
# Of the whole server, as it is the whole server that runs out of them. Other roles' sessions hide their state.
_CONNECTIONS: Final = """
SELECT count(*) FILTER (WHERE backend_type = 'client backend' OR (backend_type IS NULL AND datname IS NOT NULL)),
       count(*) FILTER (WHERE backend_type = 'client backend' AND state <> 'idle'),
       count(*) FILTER (WHERE backend_type = 'client backend' AND state = 'idle'),
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0)
FROM pg_stat_activity
"""


def is_own(source: str) -> bool:
    """Whether the numbers are the product's own."""
    return source.startswith(PREFIX)


def measure() -> dict[str, dict[str, float]]:
    """The figures (see `rules.prometheus_text`) of each of its sources that is alive. Two queries.

    Memory is what is resident, summed over the processes of a kind, so that pages which they share count several times.
    """
    found: dict[str, dict[str, float]] = {}
    rows = living().filter(kind__in=SOURCES).values("kind").order_by("kind")
    for row in rows.annotate(number=Count("pk"), memory=Sum("memory_bytes"), threads=Sum("threads")):
        figures = {PROCESSES: row["number"], MEMORY_USED: row["memory"], THREADS_LIVE: row["threads"]}
        found[SOURCES[row["kind"]]] = {name: float(value) for name, value in figures.items() if value is not None}
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTIONS)
        names = (CONNECTIONS, CONNECTIONS_ACTIVE, CONNECTIONS_IDLE, CONNECTIONS_MAX)
        found[DATABASE] = dict(zip(names, map(float, cursor.fetchone()), strict=True))
    return found
