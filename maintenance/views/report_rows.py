"""Weekly reports as rows of a list: their headline figures, read out of what is frozen, which is not loaded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F

from maintenance.models import WeeklyReport
from maintenance.rules.figure_words import NOTHING, difference, figure
from maintenance.rules.ratios import ENOUGH_FOR_TREND
from maintenance.rules.weekly_letter import HEADLINES
from maintenance.rules.weeks import said

PAGE_SIZE: Final = 53  # a year
BESIDE: Final = 4
Loaded = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """A figure and its change."""

    value: str
    change: str


@dataclass(frozen=True)
class ReportRow:
    """A frozen week."""

    week: str
    title: str
    first: dt.date
    last: dt.date
    frozen_at: dt.datetime
    digest: str
    cells: list[Cell]

    @property
    def success(self) -> str:
        """Its success rate."""
        return self.cells[[key for key, *_ in HEADLINES].index("success_rate")].value


def rows(before: dt.date | None = None, number: int = PAGE_SIZE) -> list[ReportRow]:
    """Up to `number` reports, newest first, of weeks that began before a day; one query."""
    found = WeeklyReport.objects.order_by("-starts")
    if before is not None:
        found = found.filter(starts__lt=before)
    figures = {f"now_{key}": F(f"content__figures__{key}") for key, *_ in HEADLINES}
    changes = {f"change_{key}": F(f"content__changes__{key}") for key, *_ in HEADLINES}
    counts = {f"n_{key}": F(f"content__n__{key}") for key, *_ in HEADLINES}
    counts |= {f"before_n_{key}": F(f"content__before_n__{key}") for key, *_ in HEADLINES}
    loaded = found.values("week", "starts", "frozen_at", "digest", **figures, **changes, **counts)
    return [_row(row) for row in loaded[:number]]


def others(monday: dt.date) -> list[ReportRow]:
    """The reports right before that of the week that begins on `monday`."""
    return rows(monday, BESIDE)


def _row(loaded: Loaded) -> ReportRow:
    cells = [_cell(loaded, key, unit, digits) for key, _, unit, digits in HEADLINES]
    first = loaded["starts"]
    last = first + dt.timedelta(days=6)
    return ReportRow(loaded["week"], said(loaded["week"]), first, last, loaded["frozen_at"], loaded["digest"], cells)


def _cell(loaded: Loaded, key: str, unit: str, digits: int) -> Cell:
    few = min(loaded[f"n_{key}"] or 0, loaded[f"before_n_{key}"] or 0) < ENOUGH_FOR_TREND
    change = None if few and unit in ("ratio", "seconds") and key != "uptime" else loaded[f"change_{key}"]
    said_change = difference(change, unit, digits) if change is not None else ""
    return Cell(figure(loaded[f"now_{key}"], unit, digits) or NOTHING, said_change)
