"""Chart: what is drawn, with the same numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from maintenance.kpis.period import Period

Cell = str | int | float | None
# As Django's json_script: nothing in it can end the element.
_HARMLESS = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


class Link(Protocol):
    """Where the rows behind a figure are."""

    def __call__(self, key: str, part: Period | None = None, /, **narrowed: str | int) -> str:
        """The path of the rows behind a KPI: of a part of the period (None: of all of it), narrowed to a tier, task…"""


@dataclass(frozen=True)
class Chart:
    """One figure. `figure` is Plotly's JSON, in which a colour "@blue-fill" is the token --blue-fill of the page; None
    when there is nothing to draw, and `empty` says why. `says` describes it to who does not see it.

    `rows` are the numbers as they are (ratios 0 to 1, seconds), under the names in `columns`; `written` the same for
    people. `links` has for each cell of `written` but the first of a row the path of the rows behind it (empty: none);
    the points of the figure have the same as their `customdata`.
    """

    key: str
    title: str
    note: str
    says: str
    figure: str | None
    columns: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    written: Sequence[Sequence[str]]
    links: Sequence[Sequence[str]]
    empty: str = "Nothing was recorded in this period."

    @cached_property
    def table(self) -> SafeString:
        """The rows of its table as HTML: a template takes ten times as long for them."""
        rows = (
            '<tr><th scope="row" class="nowrap">'
            + "".join([escape(first), "</th>", *map(_cell, rest, links), "</tr>\n"])
            for (first, *rest), links in zip(self.written, self.links, strict=True)
        )
        return mark_safe("".join(rows))  # noqa: S308 - each cell is escaped

    @cached_property
    def data(self) -> SafeString:
        """The figure as an element that holds data."""
        text = (self.figure or "null").translate(_HARMLESS)
        return format_html('<script type="application/json" id="chart-{}">{}</script>', self.key, mark_safe(text))  # noqa: S308 - translated above


def _cell(text: str, link: str) -> str:
    if link:
        return f'<td class="num"><a href="{escape(link)}">{escape(text)}</a></td>'
    return f'<td class="num">{escape(text)}</td>'
