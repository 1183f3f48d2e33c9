"""Weekly reports as rows of a list: their headline figures, read out of what is frozen, which is not loaded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F

from maintenance.models import WeeklyReport
from maintenance.rules.figure_words import change, figure
from maintenance.rules.weekly_letter import HEADLINES, is_trend
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
    parts = {"now": "figures", "before": "before", "n": "n", "n_before": "before_n"}
    figures = {f"{name}_{key}": F(f"content__{part}__{key}") for name, part in parts.items() for key, *_ in HEADLINES}
    loaded: Any = found.values("week", "starts", "frozen_at", "digest", **figures)[:number]
    return [_row(row) for row in loaded]


def others(monday: dt.date) -> list[ReportRow]:
    """The reports right before that of the week that begins on `monday`."""
    return rows(monday, BESIDE)


def _row(loaded: Loaded) -> ReportRow:
    cells = [_cell(loaded, key, unit, digits) for key, _, unit, digits in HEADLINES]
    first = loaded["starts"]
    last = first + dt.timedelta(days=6)
    return ReportRow(loaded["week"], said(loaded["week"]), first, last, loaded["frozen_at"], loaded["digest"], cells)


def _cell(loaded: Loaded, key: str, unit: str, digits: int) -> Cell:
    now, before = loaded[f"now_{key}"], loaded[f"before_{key}"]
    has_trend = is_trend(key, unit, loaded[f"n_{key}"] or 0, loaded[f"n_before_{key}"] or 0)
    return Cell(figure(now, unit, digits), change(now, before, unit, digits) if has_trend else "")
