"""The tables of the KPI page as it writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from incidents.measures.reading import PersonFigures
from maintenance.forms.kpi_filter import DATES
from maintenance.kpis import writing
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.tables import ServiceRow, Tables, TaskRow, TierRow
from maintenance.tasks.catalog import title_of
from maintenance.views.kpi_names import Names

MOST_SERVICES: Final = 50
LOAD: Final = (
    "Tickets that the person had at the end of the period, or has now when it has not ended; stays of tickets in a "
    "tier that the person answered first; tickets that were resolved and were the person's."
)
NO_LOAD: Final = "Tickets that nobody had, and what sources answered or resolved by themselves."
# Columns that leave when there is little room, and those that leave next.
WIDE, MEDIUM = "wide", "medium"


@dataclass(frozen=True)
class Cell:
    """A cell; `css` says when its column leaves, `tone` has a colour only where there is a target, `href` leads to the
    rows behind it."""

    text: str
    css: str = ""
    tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class Row:
    """A row: what it is of, with a query string that narrows the page to that ("": none), and its cells."""

    name: str
    cells: list[Cell]
    query: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table; `note` says what it is of, `excluded` what is in no number of it, `more` what the link to all of it
    says, when these are not all."""

    key: str
    title: str
    heads: list[Cell]
    rows: list[Row]
    note: str = ""
    excluded: str = ""
    more: str = ""

    @property
    def body(self) -> SafeString:
        """Its rows as HTML: a template takes ten times as long for them."""
        page = escape(reverse("kpis"))
        return mark_safe("".join(_row(row, page) for row in self.rows))  # noqa: S308 - each part is escaped


def _row(row: Row, page: str) -> str:
    name = str(escape(row.name))
    if row.query:
        name = f'<a href="{page}?{escape(row.query)}">{name}</a>'
    note = f"<small>{escape(row.note)}</small>" if row.note else ""
    return f'<tr><th scope="row">{name}{note}</th>{"".join(map(_cell, row.cells))}</tr>\n'


def _cell(cell: Cell) -> str:
    css, text = f"num {cell.css}".rstrip(), str(escape(cell.text))
    if cell.href:
        text = f'<a href="{escape(cell.href)}">{text}</a>'
    if cell.tone:
        return f'<td class="{css}" data-tone="{cell.tone}"><span class="delta">{text}</span></td>'
    return f'<td class="{css}">{text}</td>'


def written(found: Tables, names: Names, query: dict[str, str]) -> list[Table]:
    """All of them; of services the worst fifty. `query` is the one of the page, without what a row narrows."""
    every = [
        _tiers(found.tiers, names, query),
        _people(found.people, query),
        _tasks(
            "tasks", "Tasks", "Task", [(title_of(row.key), "task", row) for row in found.tasks if row.counted], query
        ),
        _tasks(
            "categories",
            "Categories",
            "Category",
            [
                (dict(names.categories).get(row.key, row.key), "category", row)
                for row in found.categories
                if row.counted
            ],
            query,
        ),
        services(found.services[:MOST_SERVICES], names, query, in_all=len(found.services)),
    ]
    return [table for table in every if table.rows]


def _tiers(rows: Sequence[TierRow], names: Names, query: dict[str, str]) -> Table:
    goal, called = KPIS["response_compliance"], dict(names.tiers)
    return Table(
        "tiers",
        "Support by tier",
        _heads(
            *("Tier", "Received", "Resolved:medium", "In target", "Median response:medium"),
            *("Median resolution:wide", "Escalated:wide", "Open:medium"),
        ),
        [
            Row(
                f"Tier {row.tier}, {called[row.tier].lower()}" if called.get(row.tier) else f"Tier {row.tier}",
                [
                    Cell(f"{row.received:,}"),
                    Cell(f"{row.resolved:,}", MEDIUM),
                    Cell(_of(writing.share(row.in_target), row.responses), "", tone_of(goal.met(row.in_target))),
                    Cell(_of(writing.length(row.answer), row.answered), MEDIUM),
                    Cell(_of(writing.length(row.resolution), row.ended), WIDE),
                    Cell(f"{row.escalated:,}", WIDE),
                    Cell(f"{row.open:,}", MEDIUM),
                ],
                urlencode(query | {"tier": row.tier}),
            )
            for row in rows
        ],
    )


def _people(rows: Sequence[PersonFigures], query: dict[str, str]) -> Table:
    dates = {name: value for name, value in query.items() if name in DATES}
    return Table(
        "people",
        "Load by person",
        _heads("Person", "Open at the end", "Answered", "Resolved"),
        [
            Row(
                row.name or row.username,
                [
                    Cell(f"{number:,}", href=_load(row.person, dates, part) if number else "")
                    for part, number in enumerate((row.open, row.answered, row.resolved))
                ],
            )
            for row in rows
        ],
        note="Of all tickets, whatever is filtered",
        excluded=NO_LOAD,
    )


def _load(person: int, dates: dict[str, str], part: int) -> str:
    return f"{reverse('kpi_person', args=[person])}?{urlencode(dates | {'part': part})}"


def _tasks(key: str, title: str, head: str, rows: Sequence[tuple[str, str, TaskRow]], query: dict[str, str]) -> Table:
    goal = KPIS["success_rate"]
    return Table(
        key,
        title,
        _heads(
            head, "Success rate", "Completed:medium", "Median", "95th percentile:medium", "Mean:wide", "Longest:wide"
        ),
        [
            Row(
                name,
                [
                    Cell(_of(writing.share(row.success), row.counted), "", tone_of(goal.met(row.success))),
                    Cell(f"{row.completed:,}", MEDIUM),
                    Cell(writing.length(row.p50)),
                    Cell(writing.length(row.p95), MEDIUM),
                    Cell(writing.length(row.mean), WIDE),
                    Cell(writing.length(row.longest), WIDE),
                ],
                urlencode(query | {field: row.key}),
            )
            for name, field, row in rows
        ],
        note="Of fewer than 20 runs, the 95th percentile is the longest",
    )


def services(rows: Sequence[ServiceRow], names: Names, query: dict[str, str], *, in_all: int) -> Table:
    """These services, of so many in all."""
    return Table(
        "services",
        "Services",
        _heads("Service", "Uptime", "Observed:medium", "Aim:wide", "Down:medium", "Outages", "With maintenance:wide"),
        [_service(row, names, query) for row in rows],
        note="The worst first",
        more=f"All {in_all:,} services" if in_all > len(rows) else "",
    )


def _service(row: ServiceRow, names: Names, query: dict[str, str]) -> Row:
    service = names.service(row.probe)
    met = None if service.slo is None or row.net is None else row.net >= service.slo
    return Row(
        service.name,
        [
            Cell(writing.uptime(row.net), "", tone_of(met)),
            Cell(writing.share(row.coverage), MEDIUM, "warning" if row.little else ""),
            Cell("" if service.slo is None else writing.target_of(KPIS["uptime"], service.slo), WIDE),
            Cell(writing.length(row.down), MEDIUM),
            Cell(f"{row.outages:,}"),
            Cell(writing.uptime(row.gross), WIDE),
        ],
        urlencode(query | {"service": row.probe}),
        note=f"{writing.length(row.erased)} of down time were taken out by a later approval" if row.erased else "",
    )


def _heads(*names: str) -> list[Cell]:
    """Heads from `name` or `name:css`."""
    return [Cell(text, css) for text, _, css in (name.partition(":") for name in names)]


def _of(text: str, number: int) -> str:
    """A figure with how many it is of."""
    return f"{text} of {number:,}" if number else text


def tone_of(met: bool | None) -> str:
    """The colour of a target that is met or missed; none without one."""
    return "" if met is None else "success" if met else "danger"
