"""Numbers of running applications are kept here, and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maintenance.connectors import own
from maintenance.models import AppMetric

LONGEST_SOURCE = 80


@dataclass(frozen=True)
class Measured:
    """Figures (see `rules.prometheus_text`) of a source at a moment."""

    source: str
    at: dt.datetime
    figures: Mapping[str, float]


def keep(measured: Iterable[Measured]) -> None:
    """Keep the figures, at most one a minute of each: who reads more often keeps the first of the minute."""
    AppMetric.objects.bulk_create(
        (
            AppMetric(
                source=each.source[:LONGEST_SOURCE],
                name=name,
                at=each.at.replace(second=0, microsecond=0),
                value=value,
            )
            for each in measured
            for name, value in each.figures.items()
        ),
        ignore_conflicts=True,
    )


def keep_own(now: dt.datetime) -> dict[str, dict[str, float]]:
    """Measure the product's own processes and database, keep the figures, and return them by source."""
    found = own.measure()
    keep(Measured(source, now, figures) for source, figures in found.items())
    return found
