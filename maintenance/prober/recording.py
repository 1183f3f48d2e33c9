"""Readings on their way into the database: many in one transaction, with where their probes stand afterwards."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from maintenance.actions import app_metrics, timelines
from maintenance.actions.app_metrics import Measured
from maintenance.models import MaintenanceWindow, Probe, Reading
from maintenance.models.probe import ProbeQuerySet
from maintenance.rules.probe_states import Sample, Standing, advance

LONGEST_REASON: Final = 200
_STAND: Final = """
UPDATE maintenance_probe p
SET last_at = n.last_at, last_reason = n.reason, last_ms = n.ms, state = n.state, state_since = n.since,
    failures = n.failures, failing_since = n.failing_since
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::int[], %s::text[], %s::timestamptz[], %s::int[],
    %s::timestamptz[]) AS n (id, last_at, reason, ms, state, since, failures, failing_since)
WHERE p.id = n.id
"""


@dataclass(frozen=True)
class Read:
    """A reading that is to be stored."""

    probe: int
    at: dt.datetime
    state: str
    reason: str
    milliseconds: int


@dataclass(frozen=True)
class Told:
    """Figures (see `rules.prometheus_text`) that the target of a probe told by the way."""

    probe: int
    at: dt.datetime
    figures: Mapping[str, float]


@transaction.atomic
def store(reads: Sequence[Read]) -> None:
    """Store readings, and where their probes stand. One that is there already is not stored twice."""
    probes = _locked({read.probe for read in reads})
    known = sorted((read for read in reads if read.probe in probes), key=lambda read: (read.at, read.probe))
    planned = _planned(known, probes)
    Reading.objects.bulk_create([_row(read, planned=read in planned) for read in known], ignore_conflicts=True)
    # Of several of a probe the earliest comes last, and stays.
    timelines.note_late({read.probe: read.at for read in reversed(known)})
    stands = {pk: probe.standing for pk, probe in probes.items()}
    latest: dict[int, Read] = {}
    for read in known:
        after = advance(stands[read.probe], Sample(read.at, read.state), probes[read.probe].terms)
        if after is not stands[read.probe]:
            stands[read.probe], latest[read.probe] = after, read
    if latest:
        rows = [_stand(pk, read, stands[pk]) for pk, read in sorted(latest.items())]
        with connection.cursor() as cursor:
            cursor.execute(_STAND, [list(column) for column in zip(*rows, strict=True)])


def keep_told(told: Sequence[Told]) -> None:
    """Keep figures under the names of the targets. Those of a probe that has none any more are left out."""
    rows = Probe.objects.filter(pk__in={each.probe for each in told}, target__isnull=False)
    names = dict(rows.values_list("pk", "target__name"))
    app_metrics.keep(Measured(names[each.probe], each.at, each.figures) for each in told if each.probe in names)


def _locked(ids: set[int]) -> dict[int, Probe]:
    rows: ProbeQuerySet = Probe.objects.filter(pk__in=ids).select_for_update().order_by("pk")
    return {probe.pk: probe for probe in rows}


def _planned(reads: Sequence[Read], probes: Mapping[int, Probe]) -> set[Read]:
    """Those of planned work: until the time that the probe says, or in an approved window. One query."""
    if not reads:
        return set()
    windows = MaintenanceWindow.objects.approved().filter(begins_at__lte=reads[-1].at, ends_at__gt=reads[0].at)
    held: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for pk, begins, ends in windows.filter(services__in=probes).values_list("services", "begins_at", "ends_at"):
        held[pk].append((begins, ends))
    return {
        read
        for read in reads
        if read.at < (probes[read.probe].planned_until or read.at)
        or any(begins <= read.at < ends for begins, ends in held[read.probe])
    }


def _row(read: Read, *, planned: bool) -> Reading:
    return Reading(
        probe_id=read.probe,
        at=read.at,
        milliseconds=read.milliseconds,
        planned=planned,
        state=read.state,
        reason=_text(read.reason),
    )


def _stand(pk: int, read: Read, after: Standing) -> tuple[Any, ...]:
    return (
        *(pk, read.at, _text(read.reason), read.milliseconds),
        *(after.state, after.since, after.failures, after.failing_since),
    )


def _text(reason: str) -> str:
    """One line that the column takes, whatever the other side has said."""
    line = " ".join(reason.replace("\0", "").split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"
