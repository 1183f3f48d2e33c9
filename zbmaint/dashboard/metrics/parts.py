"""Metrics of the product's own parts: scheduler, queues, findings, its database, its version."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.db.models import Count

from maintenance.models import Finding, Severity
from maintenance.models.finding import still_open
from zbmaint.dashboard.metrics.counts import Counts
from zbmaint.dashboard.metrics.exposition import Family
from zbmaint.dashboard.metrics.keeping import Kept
from zbmaint.notifications import rules
from zbmaint.prepared import Prepared, answers, preparing_cursor
from zbmaint.queue import lag

# Tables that are told of, those with the most dead rows.
TABLES: Final = 50
# Seconds that a process keeps how many rows are dead, which PostgreSQL itself counts late.
DEAD_KEPT: Final = 10.0
_dead: Kept[list[Family]] = Kept(DEAD_KEPT)
# What pg_settings, pg_stat_activity and pg_stat_user_tables have, without what else these views put together.
_DATABASE: Final = """
SELECT d.datname, age(d.datfrozenxid), mxid_age(d.datminmxid),
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
    (SELECT array_agg(coalesce(a.state, 'unknown')) FROM pg_stat_get_activity(NULL) a
     WHERE a.datid = d.oid AND a.backend_type = 'client backend')
FROM pg_database d WHERE d.datname = current_database()
"""
_DEAD: Final = """
SELECT relname, pg_stat_get_dead_tuples(oid) FROM pg_class
WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC, 1 LIMIT %s::int
"""
_FINDINGS: Final = Prepared(
    lambda today: (
        Finding.objects.order_by("kind")
        .values_list("kind", "severity")
        .annotate(number=Count("pk", filter=still_open(today)))
    ),
    dt.date.min,
)
_STATES: Final = ("active", "idle", "idle in transaction", "idle in transaction (aborted)")


class Asked(NamedTuple):
    """What was asked."""

    queues: CursorWrapper
    findings: CursorWrapper
    database: CursorWrapper


def ask(now: dt.datetime) -> Asked:
    """Ask for what waits, for findings and for the database."""
    database = preparing_cursor()
    database.execute(_DATABASE)
    return Asked(lag.ask(), _FINDINGS.ask(now.date()), database)


def families(asked: Asked, counts: Counts) -> list[Family]:
    """All of them; one query more, or none while what is dead is kept."""
    told = (_heartbeat(counts.beat), *_queues(asked.queues), _findings(asked.findings), _deliveries(counts.delivered))
    return [*told, *_database(asked.database), _build()]


def _heartbeat(at: float | None) -> Family:
    family = Family("zbmaint_scheduler_heartbeat_timestamp_seconds", "gauge", "When a ticker last said that it lives.")
    family.add(at)
    return family


def _queues(asked: CursorWrapper) -> list[Family]:
    depth = Family("zbmaint_queue_depth", "gauge", "Messages in a queue; one of them may be the canary.")
    oldest = Family("zbmaint_queue_oldest_seconds", "gauge", "How long the oldest message waits that no worker took.")
    for queue, waits in lag.waits(asked).items():
        depth.add(waits.messages, queue=queue)
        oldest.add(waits.seconds, queue=queue)
    return [depth, oldest]


def _findings(asked: CursorWrapper) -> Family:
    """Every kind that was ever found has all severities, so that one that is mended goes to 0 and does not vanish."""
    family = Family("zbmaint_findings_open", "gauge", "Findings that are neither resolved nor accepted.")
    counts = {(kind, severity): number for kind, severity, number in answers(asked)}
    severities = Severity.values
    for kind in dict.fromkeys(kind for kind, _ in counts):
        for severity in severities:
            family.add(counts.get((kind, severity), 0), kind=kind, severity=severity)
    return family


def _deliveries(counts: Mapping[str, int]) -> Family:
    family = Family(
        "zbmaint_webhook_deliveries_total",
        "counter",
        "Attempts at the monitoring webhook, by how they ended.",
    )
    for result in (rules.SENT, rules.FAILED, rules.DEAD):
        family.add(counts.get(result, 0), result=result)
    return family


def _database(asked: CursorWrapper) -> list[Family]:
    xids = Family("zbmaint_pg_xid_age", "gauge", "Transactions since the oldest that is not frozen.")
    multis = Family("zbmaint_pg_mxid_age", "gauge", "Multixacts since the oldest that is there.")
    usable = Family("zbmaint_pg_connections_usable", "gauge", "Connections that are not reserved for administrators.")
    connections = Family("zbmaint_pg_connections", "gauge", "Connections to a database, by state.")
    ((name, xid_age, mxid_age, room, states),) = answers(asked)
    xids.add(xid_age, db=name)
    multis.add(mxid_age, db=name)
    usable.add(room)
    counts = Counter(states or [])
    for state in (*_STATES, *sorted(set(counts) - set(_STATES))):
        connections.add(counts[state], db=name, state=state)
    return [xids, multis, usable, connections, *_dead.get(name, lambda: [_read_dead(name).joined()])]


def _read_dead(database: str) -> Family:
    family = Family("zbmaint_pg_dead_tuples", "gauge", f"Dead rows, of the {TABLES} tables that have most.")
    with preparing_cursor() as cursor:
        cursor.execute(_DEAD, [TABLES])
        for table, number in cursor.fetchall():
            family.add(number, db=database, table=table)
    return family


def _build() -> Family:
    family = Family("zbmaint_build_info", "gauge", "Always 1; the label says which version this is.")
    family.add(1, version=version())
    return family


@cache
def version() -> str:
    """The version of the product, as pyproject.toml says."""
    described = tomllib.loads(Path(settings.BASE_DIR, "pyproject.toml").read_text(encoding="utf-8"))
    return str(described["project"]["version"])
