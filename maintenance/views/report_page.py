"""What the page of a weekly report shows, from its content: the same for a frozen one and for a preview."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from maintenance.kpis.catalog import KPIS
from maintenance.rules import weekly_letter, weekly_unmeasured
from maintenance.rules.amounts import count
from maintenance.rules.figure_words import NOTHING, change, figure
from maintenance.rules.ratios import ENOUGH_FOR_TREND
from maintenance.rules.weekly_letter import MISSED, UPTIME_DIGITS, digits_of, said_erasure, shown_change
from maintenance.rules.weekly_unmeasured import Line
from maintenance.rules.weeks import A_WEEK, name_of, said

Row = Mapping[str, Any]
# The figures that the tables are about, of which the report itself says how they are made.
METHOD: Final = frozenset(
    {
        *("tasks_completed", "average_task_duration_seconds", "success_rate", "success_rate_strict"),
        *("uptime", "uptime_gross", "uptime_coverage", "response_compliance", "mtta_median_seconds"),
    }
)
EFFECT_TONES: Final = {"down": "danger", "degraded": "warning"}


@dataclass(frozen=True)
class Tile:
    """A headline figure. `missed` says that it is on the wrong side of its target."""

    name: str
    value: str
    unit: str
    change: str
    before: str
    notes: Sequence[str]
    missed: bool


@dataclass(frozen=True)
class Figure:
    """A line of all figures."""

    key: str
    name: str
    value: str
    change: str
    n: int
    formula: str
    excluded: str


@dataclass(frozen=True)
class ReportPage:
    """The content of a week in the words of a page."""

    content: Mapping[str, Any]
    is_over: bool = True

    @property
    def no_before(self) -> str:
        """Why a figure has none of the week before beside it."""
        return "No week before" if self.is_over else "So far"

    @property
    def title(self) -> str:
        """Week 13, 2026."""
        return said(self.content["week"])

    @property
    def short(self) -> str:
        """Week 13."""
        return self.title.partition(",")[0]

    @property
    def opened(self) -> str:
        """How many tickets were opened, and in the week before."""
        now, before = self.content["figures"]["tickets_opened"], self.content["before"]
        then = f" ({figure(before['tickets_opened'], 'count')} in {self.before.lower()})" if before else ""
        return f"{figure(now, 'count')} tickets were opened{then}."

    @property
    def span(self) -> str:
        """Monday 23 to Sunday 29 March 2026, UTC."""
        return weekly_letter.span(self.content)

    @property
    def odd_hours(self) -> str:
        """How long the week is, when clocks were changed in it."""
        hours = self.content["hours"]
        return "" if hours == A_WEEK.total_seconds() / 3600 else f"Clocks were changed: the week has {hours:g} hours."

    @property
    def before(self) -> str:
        """What the week before is called in the heads of columns."""
        first = dt.date.fromisoformat(self.content["week_starting"]) - A_WEEK
        return said(name_of(first)).partition(",")[0]

    @property
    def summary(self) -> str:
        """The sentences."""
        return " ".join(self.content["summary"])

    @cached_property
    def tiles(self) -> list[Tile]:
        """The figures that the specification asks for, each with what belongs to it."""
        figures = self.content["figures"]
        planned = figures["occurrences_expected"]
        median = figure(figures["task_duration_p50_seconds"], "seconds")
        success, strict, coverage = (
            figure(figures[key], "ratio") for key in ("success_rate", "success_rate_strict", "uptime_coverage")
        )
        missed = figures[MISSED]
        notes = {
            "tasks_completed": [f"{figure(planned, 'count')} were planned"],
            "average_task_duration_seconds": [f"Median {median}"],
            "success_rate": [f"Strict rate {strict}"],
            "success_rate_strict": [f"Success rate {success} without {count(missed or 0, 'missed due time')}"],
            "uptime": [f"{coverage} of the week measured"],
        }
        return [self._tile(*headline, notes[headline.key]) for headline in weekly_letter.chosen(missed)]

    def _tile(self, key: str, name: str, unit: str, digits: int, notes: Sequence[str]) -> Tile:
        value = self.content["figures"][key]
        before = self.content["before"]
        text = figure(value, unit, digits)
        return Tile(
            name=name,
            value=text.removesuffix("%").rstrip(),
            unit="%" if text.endswith("%") else "",
            change=shown_change(self.content, key, unit, digits),
            before=figure(before[key], unit, digits) if before else "",
            notes=notes,
            missed=KPIS[key].met(value) is False,
        )

    @cached_property
    def tasks(self) -> list[dict[str, Any]]:
        """The table of tasks that were due or ran; the last row is of all."""
        return [
            {
                **row,
                "success": figure(row["success_rate"], "ratio"),
                "average": figure(row["average_seconds"], "seconds"),
                "change": change(row["average_seconds"], row["average_seconds_before"], "seconds") or NOTHING,
            }
            for row in self.content["tasks"]
            if not weekly_unmeasured.is_idle(row)
        ]

    @property
    def idle(self) -> int:
        """How many tasks are not in the table, being not configured: what was not measured names them."""
        return sum(map(weekly_unmeasured.is_idle, self.content["tasks"]))

    @cached_property
    def troubles(self) -> list[dict[str, Any]]:
        """What did not do its work."""
        return [
            {
                **row,
                "says": f"{row['says'].removesuffix('.')}.{weekly_letter.mended(row)}" if row["says"] else "",
                "ending": weekly_letter.ENDINGS[row["state"]],
                "when": dt.datetime.fromisoformat(row["at"]),
                "when_said": weekly_letter.moment(row["at"]),
            }
            for row in self.content["troubles"]
        ]

    @cached_property
    def tiers(self) -> list[dict[str, Any]]:
        """The table of tiers; the last row is of all."""
        return [_tier(row, compared=self.is_over) for row in self.content["tiers"]]

    @cached_property
    def services(self) -> list[dict[str, Any]]:
        """The table of services; the first row is of the system."""
        return [
            {
                "name": row["name"],
                "outages": row["outages"],
                "coverage": figure(row["coverage"], "ratio"),
                **{
                    key: figure(row[key], "ratio", UPTIME_DIGITS) for key in ("uptime", "uptime_gross", "uptime_before")
                },
            }
            for row in self.content["services"]
        ]

    @cached_property
    def outages(self) -> list[dict[str, Any]]:
        """The table of outages."""
        return [
            {
                **row,
                "began": dt.datetime.fromisoformat(row["from"]),
                "began_said": weekly_letter.moment(row["from"]),
                "effect": weekly_letter.EFFECTS[row["effect"]],
                "tone": EFFECT_TONES.get(row["effect"], ""),
                "length": figure(row["seconds"], "seconds"),
            }
            for row in self.content["outages"]
        ]

    @property
    def erasures(self) -> list[str]:
        """Down time that was taken out afterwards, a sentence each."""
        return [said_erasure(row) for row in self.content["erasures"]]

    @property
    def unmeasured(self) -> list[Line]:
        """What was not measured."""
        return weekly_unmeasured.lines(self.content)

    @property
    def method(self) -> list[Figure]:
        """How the figures that stand above are made."""
        return [row for row in self.figures if row.key in METHOD]

    @cached_property
    def figures(self) -> list[Figure]:
        """Every KPI with its change, how it is made, and what does not count."""
        return [
            Figure(
                key=row["key"],
                name=row["name"],
                value=figure(self.content["figures"][row["key"]], row["unit"], digits_of(row["key"])),
                change=shown_change(self.content, row["key"], row["unit"], digits_of(row["key"])) or NOTHING,
                n=self.content["n"][row["key"]],
                formula=row["formula"],
                excluded="" if row["excluded"] == "Nothing." else row["excluded"],
            )
            for row in self.content["method"]
        ]


def _tier(row: Row, *, compared: bool) -> dict[str, Any]:
    enough = row["responses"] >= ENOUGH_FOR_TREND
    trend = enough and row["responses_before"] >= ENOUGH_FOR_TREND
    now, before = row["response_compliance"], row["response_compliance_before"]
    return {
        **row,
        "compliance": figure(now, "ratio") if enough else NOTHING,
        "change": change(now, before, "ratio") if trend else "Too few" if compared else NOTHING,
        "median": figure(row["mtta_median_seconds"], "seconds"),
    }
