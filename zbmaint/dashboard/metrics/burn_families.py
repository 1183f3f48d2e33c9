"""Metrics of burn rates, from the spans and approved maintenance windows of the last days: two queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet

from maintenance.models import MaintenanceWindow
from zbmaint.dashboard.metrics.burning import LONGEST, Interval, Piece, burn_rates, outside
from zbmaint.dashboard.metrics.exposition import Family, unix
from zbmaint.dashboard.metrics.uptime_families import Told
from zbmaint.prepared import Prepared, preparing_cursor

# Of each probe what lies in the stretch, and the one before it, which may reach into it: by the key, however many there
# are. As seconds: there are thousands of moments, and to make each a datetime would cost most of a scrape.
_SPANS: Final = """
SELECT p.id, date_part('epoch', s.begins), date_part('epoch', s.ends), s.state = 'down'
FROM unnest(%s::bigint[]) AS p (id), LATERAL (
    (SELECT state, begins, ends FROM maintenance_span
     WHERE probe_id = p.id AND begins <= %s::timestamptz ORDER BY begins DESC LIMIT 1)
    UNION ALL
    (SELECT state, begins, ends FROM maintenance_span
     WHERE probe_id = p.id AND begins > %s::timestamptz AND begins < %s::timestamptz)
) AS s WHERE s.ends > %s::timestamptz ORDER BY 1, 2
"""
_SINCE, _NOW = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1, 2))


def _approved(since: dt.datetime, now: dt.datetime) -> QuerySet[MaintenanceWindow, Any]:
    rows = MaintenanceWindow.objects.approved().filter(ends_at__gt=since, begins_at__lt=now).order_by()
    return rows.values_list("services", unix("begins_at"), unix("ends_at"))


_WINDOWS: Final[Prepared[MaintenanceWindow]] = Prepared(_approved, _SINCE, _NOW)


def burn_family(told: Sequence[Told], now: dt.datetime) -> Family:
    """The rates of each service that has an objective."""
    family = Family(
        "zbmaint_slo_burn_rate", "gauge", "How fast a service uses up its error budget: at 1, exactly in its period."
    )
    since = now - dt.timedelta(seconds=LONGEST)
    pieces: dict[int, list[Piece]] = defaultdict(list)
    with preparing_cursor() as cursor:
        aimed = [service.pk for service in told if service.slo is not None]
        cursor.execute(_SPANS, [aimed, since, since, now, since])
        for probe, begins, ends, down in cursor.fetchall():
            pieces[probe].append(Piece(begins, ends, down))
    planned: dict[int, list[Interval]] = defaultdict(list)
    for probe, begins, ends in _WINDOWS.rows(since, now):
        planned[probe].append((begins, ends))
    for service in told:
        if service.slo is None:
            continue
        left = outside(pieces[service.pk], planned[service.pk])
        for window, rate in burn_rates(left, now.timestamp(), service.slo, service.interval).items():
            family.put(rate, f'{service.label},window="{window}"')
    return family
