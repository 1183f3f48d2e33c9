"""What all charts of the KPI page have in common, and the one of the uptime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from maintenance.kpis import plotting, writing
from maintenance.kpis.chart import Cell, Chart, Link
from maintenance.kpis.period import Period
from maintenance.kpis.plotting import name_of
from maintenance.kpis.series import Series, UptimePoint

UNIT: Final = {"day": "a day", "week": "a week", "month": "a month"}
_HEAD: Final = {"day": "Day", "week": "Week", "month": "Month"}
# A cell as it is, and for people.
Written = tuple[Cell, str]


@dataclass(frozen=True)
class Words:
    """What a chart is called and says; `empty` is why there may be nothing to draw."""

    key: str
    title: str
    note: str
    says: str
    empty: str = "Nothing was recorded in this period."


class Column(NamedTuple):
    """A column of a chart's table: its name in files, its head, and the KPI whose rows are behind it, in a tier."""

    name: str
    head: str
    kpi: str = ""
    tier: int = 0


def grain_of(parts: Sequence[Period]) -> str:
    """How long one part is."""
    return Period(parts[0].first, parts[-1].last).grain


def over_time(
    words: Words,
    parts: Sequence[Period],
    figure: str | None,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Written]],
    *,
    link: Link,
) -> Chart:
    """A chart with a row for every part, and in it a cell for every column."""
    return Chart(
        key=words.key,
        title=words.title,
        note=words.note,
        says=words.says,
        figure=figure,
        columns=("from", "to", *(column.name for column in columns)),
        heads=(_HEAD[grain_of(parts)], *(column.head for column in columns)),
        rows=[
            (part.first.isoformat(), part.last.isoformat(), *(raw for raw, _ in row))
            for part, row in zip(parts, rows, strict=True)
        ],
        written=[(name_of(part), *(text for _, text in row)) for part, row in zip(parts, rows, strict=True)],
        links=[
            [_behind(link, column, part, raw) for column, (raw, _) in zip(columns, row, strict=True)]
            for part, row in zip(parts, rows, strict=True)
        ],
        empty=words.empty,
    )


def _behind(link: Link, column: Column, part: Period, raw: Cell) -> str:
    if raw is None or not column.kpi:
        return ""
    return link(column.kpi, part, tier=column.tier) if column.tier else link(column.kpi, part)


def leading(
    link: Link, kpi: str, parts: Sequence[Period], values: Sequence[float | None], **narrowed: Any
) -> list[str | None]:
    """Where a click on each point leads: to the rows behind it, when it has a value."""
    pairs = zip(parts, values, strict=True)
    return [None if value is None else link(kpi, part, **narrowed) for part, value in pairs]


def uptime(series: Series, service: str, target: float | None, link: Link) -> Chart:
    """The uptime of a service; without its name of the system."""
    points, x = series.uptime, plotting.moments(series.parts)
    known = [point.net for point in points if point.net is not None]
    shown = [percent_of(point.net) for point in points]
    traces = [
        plotting.line(
            "Uptime",
            x,
            shown,
            [f"{writing.uptime(p.net)}, {writing.share(p.coverage)} of the time observed" for p in points],
            "blue-fill",
            customdata=leading(link, "uptime", series.parts, shown),
        )
    ]
    aim = None if target is None else target * 100
    layout = plotting.by_day(
        series.parts,
        {"ticksuffix": " %", "range": room(shown, aim)},
        showlegend=False,
        **({} if aim is None else plotting.goal(aim)),
    )
    return over_time(
        Words(
            "uptime",
            "Uptime",
            f"{service or 'The system: every critical service'}, without approved maintenance",
            f"A line of the uptime; the lowest is {writing.uptime(min(known, default=None))}.",
            "Nobody observed this service in this period."
            if service
            else "Nobody observed a critical service in this period. Choose a service above, or make one critical.",
        ),
        series.parts,
        plotting.as_json(traces, layout) if known else None,
        [Column("uptime", "Uptime", "uptime"), Column("uptime_coverage", "Observed", "uptime_coverage")],
        [_uptime_row(point) for point in points],
        link=link,
    )


def _uptime_row(point: UptimePoint) -> list[tuple[Cell, str]]:
    return [(point.net, writing.uptime(point.net)), shared(point.coverage)]


def counted(number: int | None) -> Written:
    """A number as a cell."""
    return number, writing.number(number)


def measured(seconds: float | None) -> Written:
    """A length as a cell."""
    return seconds, writing.length(seconds)


def shared(share: float | None) -> Written:
    """A ratio as a cell."""
    return share, writing.share(share)


def percent_of(share: float | None) -> float | None:
    """A ratio as an axis has it."""
    return None if share is None else share * 100


def room(shown: Sequence[float | None], aim: float | None) -> list[float]:
    """From below the lowest of what is shown and aimed at, to a little above 100 %."""
    lowest = min([value for value in shown if value is not None] + ([aim] if aim is not None else []), default=0)
    room = max(100 - lowest, 0.02)
    return [max(lowest - room * 0.15, 0 - room * 0.05), 100 + room * 0.1]


def span(values: Sequence[float | None]) -> str:
    """Between what the medians lie, as a sentence."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    return f"The medians lie between {writing.length(min(known))} and {writing.length(max(known))}."
