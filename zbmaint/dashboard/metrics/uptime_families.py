"""Metrics of uptime over whole days and today: one query, which adds the days up by how old they are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from maintenance.rules.uptime import Totals
from zbmaint.dashboard.metrics.exposition import Family
from zbmaint.prepared import preparing_cursor
from zbmaint.rollup import days

# Whole days before today, and what has passed of today; the fewest first.
DAYS: Final = (1, 7, 30, 90)
BUDGET_DAYS: Final = 30
_COLUMNS: Final = ("up", "down", "unknown", "net_up", "net_down", "maintenance")
_SUMS: Final = f"""
SELECT probe, width_bucket(%s::date - day, %s::int[]) AS band, {", ".join(f"sum({name})::bigint" for name in _COLUMNS)}
FROM maintenance_serviceday WHERE day BETWEEN %s::date AND %s::date GROUP BY 1, 2
"""  # noqa: S608  # names of columns


class Told(NamedTuple):
    """A service that is told of, with its label as it is written; `slo` is from 0 to 1, `interval` in seconds."""

    pk: int
    label: str
    slo: float | None
    interval: int


def uptime_families(told: Sequence[Told], today: dt.date) -> list[Family]:
    """Ratio, coverage and error budget of each of them."""
    ratio = Family("zbmaint_uptime_ratio", "gauge", "Up / (up + down) over so many days and today; net of maintenance.")
    coverage = Family("zbmaint_uptime_coverage_ratio", "gauge", "The share of that time of which anything is known.")
    left = Family(
        "zbmaint_slo_error_budget_remaining_ratio",
        "gauge",
        f"What is left of the down time that the objective allows in {BUDGET_DAYS} days; below 0: more was used.",
    )
    found = _windows(today)
    for service in told:
        for number, totals in zip(DAYS, found.get(service.pk, ()), strict=False):
            labels = f'{service.label},window="{number}d"'
            ratio.put(totals.net, f'{labels},kind="net"')
            ratio.put(totals.gross, f'{labels},kind="gross"')
            coverage.put(totals.coverage, labels)
            if number == BUDGET_DAYS and service.slo is not None:
                left.put(totals.budget_left(service.slo), service.label)
    return [ratio, coverage, left]


def _windows(today: dt.date) -> dict[int, list[Totals]]:
    """By service its totals over each of DAYS: each is the one before, and the days between them."""
    bands: dict[int, list[tuple[int, ...]]] = defaultdict(lambda: [(0,) * len(_COLUMNS)] * len(DAYS))
    oldest = [number + 1 for number in DAYS[:-1]]
    with preparing_cursor() as cursor:
        cursor.execute(_SUMS, [today, oldest, today - DAYS[-1] * days.A_DAY, today])
        for probe, band, *sums in cursor.fetchall():
            bands[probe][band] = tuple(sums)
    return {probe: _added_up(found) for probe, found in bands.items()}


def _added_up(bands: Sequence[Sequence[int]]) -> list[Totals]:
    totals, sums = [], [0] * len(_COLUMNS)
    for band in bands:
        sums = [one + other for one, other in zip(sums, band, strict=True)]
        up, down, unknown, net_up, net_down, maintenance = sums
        totals.append(Totals(up, 0, down, unknown, net_up, net_down, maintenance))
    return totals
