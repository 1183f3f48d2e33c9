"""When nothing was known of services: the time between their spans, and that of most of them at once."""

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

    One that most of the services had which existed then is one row without a `name`: `services` had it, of as many as
    `of`; each of theirs is as long as `least_seconds` to `seconds`, and lies between `from` and `until`.
    """
    probes = _existing(period)
    alone = [_Alone(probe, gap) for probe, its in _of(probes, period) for gap in its]
    found, more = _rows(sorted(alone, key=_longest_first), probes)
    return sorted(found, key=lambda row: (row["from"], row["name"])), more


def _existing(period: Period) -> list[Probe]:
    there = Probe.objects.filter(created_at__lt=period.ends)
    return list(there.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=period.begins)).order_by("name"))


def _of(probes: list[Probe], period: Period) -> list[tuple[Probe, list[Gap]]]:
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
    return [(probe, found[probe.pk]) for probe in probes]


class _Alone(NamedTuple):
    """A gap of one service."""

    probe: Probe
    gap: Gap


def _longest_first(each: _Alone) -> tuple[float, dt.datetime, str]:
    return -each.gap.seconds, each.gap.begins, each.probe.name


def _rows(alone: list[_Alone], probes: list[Probe]) -> tuple[list[Row], int]:
    """The rows of the longest, and how many gaps are in none; `alone` are in the order of their lengths."""
    rows: list[Row] = []
    while alone and len(rows) < MOST:
        alike = [each for each in alone if _is_alike(alone[0].gap, each.gap)]
        there = [probe for probe in probes if _existed(probe, alone[0].gap)]
        if len(there) > 1 and 2 * len({each.probe.pk for each in alike}) > len(there):
            rows.append(_row("", alike, len(there)))
            alone = [each for each in alone if not _is_alike(alone[0].gap, each.gap)]
        else:
            rows.append(_row(alone[0].probe.name, alone[:1], 1))
            alone = alone[1:]
    return rows, len(alone)


def _is_alike(longer: Gap, other: Gap) -> bool:
    """Whether they are one and the same event: not all probes look at the same second, nor equally often."""
    together = min(longer.ends, other.ends) - max(longer.begins, other.begins)
    return 2 * together > longer.ends - longer.begins


def _existed(probe: Probe, gap: Gap) -> bool:
    return probe.created_at < gap.ends and (probe.retired_at is None or probe.retired_at > gap.begins)


def _paused(probe: Probe, gap: Gap) -> bool:
    """Whether it is known to have been paused then. That it was before and is not any more is not kept."""
    return probe.paused_at is not None and probe.paused_at < gap.ends


def _row(name: str, alike: list[_Alone], of: int) -> Row:
    return {
        "name": name,
        "services": len({each.probe.pk for each in alike}),
        "of": of,
        "from": min(each.gap.begins for each in alike).isoformat(),
        "until": max(each.gap.ends for each in alike).isoformat(),
        "seconds": max(each.gap.seconds for each in alike),
        "least_seconds": min(each.gap.seconds for each in alike),
        "paused": all(_paused(*each) for each in alike),
    }
