"""The days of services: how long each was up and down, rolled up from spans, windows and outages."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.utils import timezone

from maintenance.models import SYSTEM, MaintenanceWindow, Outage, Probe, ServiceDay
from maintenance.rules import uptime
from maintenance.rules.uptime import Service, Stretch, Totals, Window, instant
from zbmaint.rollup import days

KIND: Final = "services"
COLUMNS: Final = tuple(each.name for each in fields(Totals))
# Of each probe what lies in the stretch, and the one before it, which may reach into it: by the key, however many
# there are; of down time the beginning of its outage too. In whole microseconds, which are made faster there than here.
_SPANS: Final = """
SELECT p.id, s.state, (extract(epoch FROM s.begins) * 1000000)::bigint, (extract(epoch FROM s.ends) * 1000000)::bigint,
    CASE WHEN s.state = 'down' THEN (
        SELECT (extract(epoch FROM min(started_at)) * 1000000)::bigint FROM maintenance_outage
        WHERE probe_id = p.id AND started_at < s.begins AND (ended_at IS NULL OR ended_at > s.begins)
    ) END
FROM unnest(%(probes)s::bigint[]) AS p (id), LATERAL (
    (SELECT state, begins, ends FROM maintenance_span
     WHERE probe_id = p.id AND begins <= %(begins)s ORDER BY begins DESC LIMIT 1)
    UNION ALL
    (SELECT state, begins, ends FROM maintenance_span
     WHERE probe_id = p.id AND begins > %(begins)s AND begins < %(ends)s ORDER BY begins)
) AS s WHERE s.ends > %(begins)s
"""
_WRITE: Final = f"""
INSERT INTO maintenance_serviceday (day, probe, {", ".join(COLUMNS)}, outages)
SELECT %s, * FROM unnest(%s::bigint[], {", ".join(["%s::bigint[]"] * len(COLUMNS))}, %s::int[])
"""  # noqa: S608  # names of columns


def roll(day: dt.date, now: dt.datetime) -> None:
    """Write the rows of one day anew: of each service that existed, and of the system. Within a transaction."""
    begins, ends = days.bounds(day)
    probes = list(Probe.objects.only("critical", "created_at", "retired_at").order_by("pk"))
    services = read_services(probes, begins, min(ends, now))
    found = {pk: uptime.pieces(service, instant(begins), instant(min(ends, now))) for pk, service in services.items()}
    critical = {probe.pk for probe in probes if probe.critical}
    rows = {pk: uptime.totals(pieces) for pk, pieces in found.items() if pieces}
    system = uptime.together([found[pk] for pk in sorted(critical)])
    if system:
        rows[SYSTEM] = uptime.totals(system)
    began = Counter(Outage.objects.filter(started_at__gte=begins, started_at__lt=ends).values_list("probe", flat=True))
    began[SYSTEM] = sum(began[pk] for pk in critical)
    ServiceDay.objects.filter(day=day).delete()
    _write(day, rows, began)


def first() -> dt.date | None:
    """The first day of which spans, windows and outages of every service are kept whole."""
    created = Probe.objects.aggregate(first=Min("created_at"))["first"]
    if created is None:
        return None
    return max(days.day_of(created), days.whole_since(kept(), timezone.now()))


def kept() -> int:
    """For how many days all is kept of which a day is made, and the days themselves."""
    of_parts = (settings.SPAN_RETENTION_DAYS, settings.WINDOW_RETENTION_DAYS, settings.OUTAGE_RETENTION_DAYS)
    return min(*of_parts, settings.ROLLUP_RETENTION_DAYS)


def read_services(probes: Sequence[Probe], begins: dt.datetime, ends: dt.datetime) -> dict[int, Service]:
    """What is known of each of the probes from `begins` to `ends`. Two queries, however many there are."""
    stretches: dict[int, list[Stretch]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, {"probes": [probe.pk for probe in probes], "begins": begins, "ends": ends})
        for pk, state, since, until, fell in cursor.fetchall():
            stretches[pk].append(Stretch(state, since, until, fell))
    windows = _windows(begins, ends)
    return {
        probe.pk: Service(
            begins=instant(probe.created_at),
            ends=None if probe.retired_at is None else instant(probe.retired_at),
            stretches=stretches[probe.pk],
            windows=windows[probe.pk],
        )
        for probe in probes
    }


def _windows(begins: dt.datetime, ends: dt.datetime) -> Mapping[int, list[Window]]:
    """The approved windows of each service in the stretch."""
    found: dict[int, list[Window]] = defaultdict(list)
    rows = MaintenanceWindow.objects.approved().filter(begins_at__lt=ends, ends_at__gt=begins)
    for pk, since, until, approved in rows.values_list("services", "begins_at", "ends_at", "approved_at").order_by():
        if approved is not None:
            found[pk].append(Window(instant(since), instant(until), instant(approved)))
    return found


def _write(day: dt.date, rows: Mapping[int, Totals], outages: Mapping[int, int]) -> None:
    if not rows:
        return
    columns: list[list[Any]] = [[getattr(row, name) for row in rows.values()] for name in COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [day, list(rows), *columns, [outages[pk] for pk in rows]])
