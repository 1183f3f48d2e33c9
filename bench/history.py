"""Long histories for the benchmarks of KPIs, made by the database: runs, services and their timelines."""

from __future__ import annotations

from typing import Final

from django.db import connection

from maintenance.actions import probes
from maintenance.actions.probes import Details
from maintenance.models import Probe, Run

# Eight tasks in turn over the days up to now, one in fifty of them gone wrong, a few seconds to half an hour long.
RUNS: Final = """
INSERT INTO maintenance_run (task, parameters, dry_run, state, origin, token, worker, queued_at, started_at,
    heartbeat_at, finished_at, timeout_seconds, lock_groups, retries, attempt, progress, verdict, error, facts, report,
    snapshot)
SELECT (ARRAY['database_maintenance', 'index_maintenance', 'connection_monitor', 'connection_optimization',
        'app_metrics', 'health_report', 'cache_cleanup', 'log_rotation'])[1 + n %% 8], '{}', false,
    CASE WHEN n %% 50 = 0 THEN 'failed' WHEN n %% 211 = 0 THEN 'lost'
        WHEN n %% 7 = 0 THEN 'warning' ELSE 'succeeded' END,
    'schedule', gen_random_uuid(), 'bench:1', begun - interval '2 seconds', begun, begun + length, begun + length, 3600,
    '[]', 0, 1, 100, 'Done.', '', '[]', '{}', '{}'
FROM (
    SELECT n, date_trunc('day', now()) - (n * %(days)s::float8 / %(runs)s) * interval '1 day' AS begun,
        (3 + (n::bigint * 7919 %% 1800)) * interval '1 second' AS length
    FROM generate_series(1, %(runs)s) AS n
) AS each
"""
# Two spans that are down, and the ones around them, for each service and day; nothing is known for a minute of each.
SPANS: Final = """
INSERT INTO maintenance_span (probe_id, begins, ends, state)
SELECT probe.id, day + part.begins, day + part.ends, part.state
FROM maintenance_probe AS probe,
    generate_series(date_trunc('day', now()) - %(days)s * interval '1 day', now(), interval '1 day') AS day,
    (VALUES (interval '0', interval '6 hours', 'up'), (interval '6 hours', interval '6 hours 2 minutes', 'down'),
        (interval '6 hours 2 minutes', interval '14 hours', 'up'),
        (interval '14 hours', interval '14 hours 5 minutes', 'degraded'),
        (interval '14 hours 5 minutes', interval '23 hours 59 minutes', 'up')) AS part (begins, ends, state)
WHERE day + part.ends <= now()
ON CONFLICT DO NOTHING
"""


def make_runs(number: int, days: int) -> None:
    """Runs that have ended, spread evenly over `days` before today."""
    with connection.cursor() as cursor:
        cursor.execute(RUNS, {"runs": number, "days": days})


def make_services(number: int, days: int) -> None:
    """Services with a timeline over `days`, every tenth of them critical; nobody looks at them."""
    for at in range(number):
        details = Details(f"service {at:03}", "http", {"url": f"http://127.0.0.1:1/{at}"}, interval_seconds=60)
        probe = probes.create(details, actor=None)
        probes.pause(probe, actor=None)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE maintenance_probe SET created_at = now() - %s * interval '1 day', critical = (id %% 10 = 0)", [days]
        )
        cursor.execute(SPANS, {"days": days})


def counted() -> dict[str, int]:
    """How much there is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM maintenance_span")
        spans = int(cursor.fetchone()[0])
    return {"runs": Run.objects.count(), "services": Probe.objects.count(), "spans of services": spans}
