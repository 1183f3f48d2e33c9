"""When nothing was known of services: the time between their spans, and that of all of them at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, Final, NamedTuple

from django.db.models import Q
from django.utils import timezone

from maintenance.kpis.period import Period
from maintenance.models import Probe, Span

Row = dict[str, Any]
# What is shorter is in the coverage alone, and of more than so many the longest are listed.
SHORTEST: Final = dt.timedelta(minutes=1)
MOST: Final = 20


class Gap(NamedTuple):
    """A stretch of time without readings."""

    begins: dt.datetime
    ends: dt.datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.ends - self.begins).total_seconds()


def gaps(period: Period) -> tuple[list[Row], int]:
    """The longest gaps of the week, in the order of their time, and how many others there were.

    One that all services had at the same time, to the minute, is one of all of them (an empty `name`).
    """
    probes = list(_existing(period))
    of_services = _of(probes, period)
    found = [_row(probe.name, gap, paused=_paused(probe, gap)) for probe in probes for gap in of_services[probe.pk]]
    found = _together(found, len(probes))
    longest = sorted(found, key=lambda row: (-row["seconds"], row["from"], row["name"]))
    listed = sorted(longest[:MOST], key=lambda row: (row["from"], row["name"]))
    return listed, len(found) - len(listed)


def _existing(period: Period) -> list[Probe]:
    there = Probe.objects.filter(created_at__lt=period.ends)
    return list(there.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=period.begins)).order_by("name"))


def _of(probes: list[Probe], period: Period) -> dict[int, list[Gap]]:
    """Of each service what no span covers, of the part of the week in which it existed, and that has passed."""
    known: dict[int, dt.datetime] = {probe.pk: max(period.begins, probe.created_at) for probe in probes}
    found: dict[int, list[Gap]] = defaultdict(list)
    now = timezone.now()
    spans = Span.objects.filter(probe__in=known, ends__gt=period.begins, begins__lt=period.ends)
    for probe, begins, ends in spans.order_by("probe", "begins").values_list("probe_id", "begins", "ends").iterator():
        if begins - known[probe] >= SHORTEST:
            found[probe].append(Gap(known[probe], begins))
        known[probe] = max(known[probe], ends)
    for probe_row in probes:
        last = min(period.ends, now, probe_row.retired_at or period.ends)
        if last - known[probe_row.pk] >= SHORTEST:
            found[probe_row.pk].append(Gap(known[probe_row.pk], last))
    return found


def _paused(probe: Probe, gap: Gap) -> bool:
    """Whether it is known to have been paused then. That it was before and is not any more is not kept."""
    return probe.paused_at is not None and probe.paused_at < gap.ends


def _row(name: str, gap: Gap, *, paused: bool) -> Row:
    times = {"from": gap.begins.isoformat(), "until": gap.ends.isoformat()}
    return {"name": name, **times, "seconds": gap.seconds, "paused": paused}


def _together(rows: list[Row], services: int) -> list[Row]:
    """The same rows, with those that all services have to the minute put into one."""
    same: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        same[_minute(row["from"]), _minute(row["until"])].append(row)
    found: list[Row] = []
    for alike in same.values():
        if services > 1 and len(alike) == services:
            widest = max(alike, key=lambda row: float(row["seconds"]))
            found.append({**widest, "name": "", "paused": all(row["paused"] for row in alike)})
        else:
            found += alike
    return found


def _minute(text: str) -> str:
    return text[:16]
