"""KPIs as a page writes them: value, number, change, target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from maintenance.kpis import writing
from maintenance.kpis.kpi import Kpi
from maintenance.kpis.value import Value
from maintenance.rules.figure_words import parted
from maintenance.rules.ratios import ENOUGH_COVERAGE, ENOUGH_FOR_P95, ENOUGH_FOR_TREND

# What the rows behind a figure are called.
ROWS: Final = {
    "answers": ("answer", "answers"),
    "due_times": ("due time", "due times"),
    "findings": ("finding", "findings"),
    "outages": ("outage", "outages"),
    "resolution_targets": ("ticket", "tickets"),
    "resolutions": ("resolution", "resolutions"),
    "responses": ("stay", "stays"),
    "runs": ("run", "runs"),
    "runs_and_missed": ("run or missed due time", "runs and missed due times"),
    "services": ("service", "services"),
    "tickets": ("ticket", "tickets"),
}
WIDTH, HEIGHT = 72.0, 28.0
MOST_POINTS: Final = 30
_ARROWS: Final = {
    "up": SafeString('<span aria-hidden="true">↑</span> '),
    "down": SafeString('<span aria-hidden="true">↓</span> '),
}


@dataclass(frozen=True)
class Line:
    """A KPI with its value now and in the period before. `arrow` is up or down, and empty when there are too few for
    a trend; `tone` has a colour only where there is a target, and is the one of the value, not of its change."""

    kpi: Kpi
    text: str
    number: str
    change: str
    before: str
    arrow: str
    tone: str
    target: str
    note: str = ""

    @property
    def figure(self) -> str:
        """The value without its per cent sign, which stands smaller beside it."""
        return parted(self.text)[0]

    @property
    def unit(self) -> str:
        """That sign."""
        return parted(self.text)[1]

    @property
    def path(self) -> str:
        """The page of the KPI."""
        return path_of(self.kpi.key)

    @property
    def moved(self) -> SafeString:
        """How it differs from the period before, as HTML."""
        if not self.change:
            return format_html("{} before", self.before or "nothing known")
        arrow = _ARROWS.get(self.arrow, SafeString())
        return format_html(
            '{}<span class="nowrap">{}</span> from <span class="nowrap">{}</span>', arrow, self.change, self.before
        )


@cache
def path_of(key: str) -> str:
    """The page of a KPI."""
    return reverse("kpi", args=[key])


def line_of(kpi: Kpi, now: Mapping[str, Value], before: Mapping[str, Value], slo: float | None = None) -> Line:
    """A KPI of two periods. `slo` is the aim of the service that is asked about, which goes before the catalogue's."""
    value, earlier = now[kpi.key], before[kpi.key]
    aim = slo if slo is not None and kpi.group == "Platform" and kpi.key != "uptime_coverage" else kpi.target
    met = kpi.met(value.value, aim)
    change = writing.change_of(kpi, value.value, earlier.value)
    enough = min(value.n, earlier.n) >= ENOUGH_FOR_TREND
    step = (value.value or 0) - (earlier.value or 0)
    return Line(
        kpi=kpi,
        text=writing.value_of(kpi, value.value),
        number=number_of(kpi, value.n),
        change=change if enough else "",
        before="" if earlier.value is None else writing.value_of(kpi, earlier.value),
        arrow=("up" if step > 0 else "down") if enough and change and step else "",
        tone="" if met is None else "success" if met else "danger",
        target=writing.target_of(kpi, aim) if aim is not None else "",
        note=_note(kpi, now),
    )


def number_of(kpi: Kpi, number: int) -> str:
    """How many rows are behind it, with what they are: `269 runs`."""
    one, many = ROWS[kpi.rows]
    return f"{number:,} {one if number == 1 else many}"


def _note(kpi: Kpi, now: Mapping[str, Value]) -> str:
    """What must be known of the value to believe it."""
    value, coverage = now[kpi.key], now["uptime_coverage"].value or 0
    if kpi.key in ("uptime", "uptime_gross") and 0 < coverage < ENOUGH_COVERAGE:
        return f"Only {writing.share(coverage)} of the time was observed"
    if kpi.key == "success_rate_strict" and (missed := now["occurrences_missed"].value):
        return f"{missed:,} due {'time was' if missed == 1 else 'times were'} missed"
    if kpi.key.endswith("p95_seconds") and 0 < value.n < ENOUGH_FOR_P95:
        return "The longest, of too few for a percentile"
    return ""


def spark(values: Sequence[float | None]) -> str:
    """A line of these values as an SVG path in 72 × 28; a gap where nothing is known, empty when two are not."""
    values = _thinned(values)
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    across = (WIDTH - 2) / max(len(values) - 1, 1)
    pieces, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        height = HEIGHT / 2 if high == low else HEIGHT - 4 - (value - low) / (high - low) * (HEIGHT - 8)
        pieces.append(f"{pen}{1 + place * across:.1f} {height:.1f}")
        pen = "L"
    return "".join(pieces)


def _thinned(values: Sequence[float | None]) -> Sequence[float | None]:
    """At most so many values as there is room for: the means of neighbours."""
    at_once = -(-len(values) // MOST_POINTS) or 1
    groups = ([each for each in values[at : at + at_once] if each is not None] for at in range(0, len(values), at_once))
    return [sum(group) / len(group) if group else None for group in groups]
