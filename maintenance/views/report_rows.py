"""Weekly reports as rows of a list: their headline figures, read out of what is frozen, which is not loaded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F

from maintenance.models import WeeklyReport
from maintenance.rules.figure_words import change, figure
from maintenance.rules.weekly_letter import HEADLINES, MISSED, STRICT, SUCCESS, Headline, chosen, is_trend
from maintenance.rules.weeks import said

PAGE_SIZE: Final = 53  # a year
BESIDE: Final = 4
Loaded = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """A figure and its change."""

    headline: Headline
    value: str
    change: str

    @property
    def name(self) -> str:
        """Its own name; empty for what the column is called by."""
        return "Strict rate" if self.headline is STRICT else ""


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
        """Its success rate, the strict one when that is its headline."""
        return next(cell.value for cell in self.cells if cell.headline in (SUCCESS, STRICT))


def rows(before: dt.date | None = None, number: int = PAGE_SIZE) -> list[ReportRow]:
    """Up to `number` reports, newest first, of weeks that began before a day; one query."""
    found = WeeklyReport.objects.order_by("-starts")
    if before is not None:
        found = found.filter(starts__lt=before)
    parts = {"now": "figures", "before": "before", "n": "n", "n_before": "before_n"}
    figures = {f"{name}_{key}": F(f"content__{part}__{key}") for name, part in parts.items() for key, *_ in HEADLINES}
    figures["missed"] = F(f"content__figures__{MISSED}")
    loaded: Any = found.values("week", "starts", "frozen_at", "digest", **figures)[:number]
    return [_row(row) for row in loaded]


def others(monday: dt.date) -> list[ReportRow]:
    """The reports right before that of the week that begins on `monday`."""
    return rows(monday, BESIDE)


def _row(loaded: Loaded) -> ReportRow:
    cells = [_cell(loaded, headline) for headline in chosen(loaded["missed"])]
    first = loaded["starts"]
    last = first + dt.timedelta(days=6)
    return ReportRow(loaded["week"], said(loaded["week"]), first, last, loaded["frozen_at"], loaded["digest"], cells)


def _cell(loaded: Loaded, headline: Headline) -> Cell:
    key, _, unit, digits = headline
    now, before = loaded[f"now_{key}"], loaded[f"before_{key}"]
    has_trend = is_trend(key, unit, loaded[f"n_{key}"] or 0, loaded[f"n_before_{key}"] or 0)
    return Cell(headline, figure(now, unit, digits), change(now, before, unit, digits) if has_trend else "")
