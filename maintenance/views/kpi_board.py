"""What the KPI page shows of a period: tiles, charts, every KPI, tables.

It is put together once for its `Shown`, and rendered once: what it shows is the key, so that it is never older than the
days that it is made of, or than a name. Each process keeps some, and the values of some.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from maintenance.forms.kpi_filter import RANGES, USUAL
from maintenance.kpis import figures, series, tables, task_figures, ticket_figures, values
from maintenance.kpis.catalog import GROUPS, KPIS, of_group
from maintenance.kpis.chart import Chart
from maintenance.kpis.period import Period
from maintenance.kpis.series import Series
from maintenance.kpis.tables import Tables
from maintenance.kpis.value import Filters
from maintenance.kpis.values import Loaded, Sources, Values
from maintenance.rules import weeks
from maintenance.tasks.catalog import title_of
from maintenance.views import kpi_tables
from maintenance.views.kpi_lines import Line, line_of, spark
from maintenance.views.kpi_links import Links
from maintenance.views.kpi_names import Names
from maintenance.views.kpi_tables import Table
from zbmaint.rollup import days, editions
from zbmaint.rollup.editions import Editions

KEPT: Final = 24  # boards in one process, up to 300 KB each
TILES: Final = (
    "response_compliance",
    "mttr_median_seconds",
    "tasks_completed",
    "success_rate",
    "average_task_duration_seconds",
    "uptime",
)
# The keys of the charts, in the order of `charts`.
CHARTS: Final = ("flow", "targets", "queue", "times", "results", "success", "durations", "uptime")
# What the line of each goes through.
_COURSES: Final[dict[str, Callable[[Series], Sequence[float | None]]]] = {
    "response_compliance": lambda drawn: [point.in_target for point in drawn.tickets],
    "mttr_median_seconds": lambda drawn: [point.mttr for point in drawn.tickets],
    "tasks_completed": lambda drawn: [point.completed for point in drawn.runs],
    "success_rate": lambda drawn: [point.success for point in drawn.runs],
    "success_rate_strict": lambda drawn: [point.strict for point in drawn.runs],
    "average_task_duration_seconds": lambda drawn: [point.mean for point in drawn.runs],
    "uptime": lambda drawn: [point.net for point in drawn.uptime],
}


class Shown(NamedTuple):
    """All that a board depends on. `query` is that of its page, which its links go on with; `editions`, by kind, are
    those of the days that it reads."""

    period: Period
    filters: Filters
    query: str
    today: dt.date
    editions: tuple[tuple[str, int], ...]
    names: Names

    @property
    def dates(self) -> dict[str, str]:
        """The query of its page as names and values."""
        return dict(parse_qsl(self.query))


@dataclass(frozen=True)
class Tile:
    """A headline figure with its line."""

    line: Line
    spark: str


@dataclass(frozen=True)
class Part:
    """A group of KPIs. `about` says to which tickets, runs or service it is narrowed."""

    name: str
    about: str
    lines: list[Line]


@dataclass(frozen=True)
class Board:
    """Everything between the filters and the end of the page. `empty` says why there is nothing."""

    shown: Shown
    empty: str
    tiles: list[Tile]
    parts: list[Part]
    charts: list[Chart]
    tables: list[Table]
    erased: float

    @property
    def previous(self) -> Period:
        """What it is compared with."""
        return self.shown.period.previous()

    @property
    def this_week(self) -> str:
        """The name of the week of today, where the page that one comes to shows nothing; empty on any other page."""
        shown, (_, usual) = self.shown, RANGES[USUAL]
        return weeks.name_of(shown.today) if shown.period == usual(shown.today - days.A_DAY) else ""


def read_editions(period: Period) -> Editions:
    """Of the days of a period and of the one that it is compared with, with all that their values reach back to; one
    query."""
    return editions.read(values.reach(period.previous())[0], period.last)


@lru_cache(maxsize=KEPT)
def values_of(period: Period, filters: Filters, _editions: tuple[tuple[str, int], ...]) -> Values:
    """Every KPI, for the files."""
    return values.read(period, filters)


@lru_cache(maxsize=KEPT)
def rendered(shown: Shown) -> SafeString:
    """The board as HTML."""
    return render_to_string("maintenance/kpi/board.html", {"board": read(shown)})


class Gathered(NamedTuple):
    """What charts and tables are made of."""

    loaded: Loaded
    sources: Sources
    tables: Tables


def gather(shown: Shown) -> Gathered:
    """Read it; six queries, of the days alone."""
    loaded = values.load(shown.period, shown.filters, compared=True)
    sources = values.gather(shown.period, shown.filters, loaded)
    return Gathered(loaded, sources, tables.read(shown.period, shown.filters, sources.uptime, loaded))


def read(shown: Shown) -> Board:
    """Put it together; eleven queries, of the days alone."""
    period, filters = shown.period, shown.filters
    loaded, sources, found = gather(shown)
    now, before = sources.values(), values.read(period.previous(), filters, loaded)
    drawn = series.read(period, filters, loaded)
    service = shown.names.service(filters.service) if filters.service else None
    slo = service.slo if service else None
    lines = {key: line_of(kpi, now, before, slo) for key, kpi in KPIS.items()}
    return Board(
        shown=shown,
        empty=_why_empty(now, shown),
        tiles=[Tile(lines[key], spark(_COURSES[key](drawn))) for key in _tiles(now)],
        parts=[Part(group, _about(group, shown), [lines[kpi.key] for kpi in of_group(group)]) for group in GROUPS],
        charts=charts(shown, drawn, found),
        tables=kpi_tables.written(found, shown.names, shown.dates),
        erased=sources.uptime.asked.totals.erased / 1_000_000,
    )


def _tiles(now: Values) -> list[str]:
    """The keys of the tiles."""
    return [values.headline_success(now) if key == "success_rate" else key for key in TILES]


def charts(shown: Shown, drawn: Series, found: Tables) -> list[Chart]:
    """Every chart of a page."""
    service = shown.names.service(shown.filters.service) if shown.filters.service else None
    aim = service.slo if service else KPIS["uptime"].target
    link = Links(shown.period, shown.filters)
    return [
        ticket_figures.flow(drawn, link),
        ticket_figures.targets(drawn.targets, link),
        ticket_figures.queue(drawn, link),
        ticket_figures.times(drawn, link),
        task_figures.results(found.by_task, title_of, link),
        task_figures.success(drawn, link),
        task_figures.durations(drawn, link),
        figures.uptime(drawn, service.name if service else "", aim, link),
    ]


def _why_empty(now: Values, shown: Shown) -> str:
    if shown.period.first > shown.today:
        return "This period has not begun. Its figures appear when it has."
    if all(value.value is None for value in now.values()):
        return "Nothing was recorded in this period. Days are put together once a minute, from the first one on."
    return ""


def _about(group: str, shown: Shown) -> str:
    filters, names = shown.filters, shown.names
    match group:
        case "Platform":
            return names.service(filters.service).name if filters.service else ""
        case "Maintenance":
            category = dict(names.categories).get(filters.category, "")
            return ", ".join(word for word in (title_of(filters.task) if filters.task else "", category) if word)
        case "Findings":
            return filters.severity
        case _:
            tier = f"tier {filters.tier}" if filters.tier else ""
            return ", ".join(word for word in (tier, filters.severity) if word)
