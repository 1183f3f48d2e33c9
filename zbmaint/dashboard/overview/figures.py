"""The overview's figures: KPIs of the last 30 days that are over, as the page of KPIs has them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from maintenance.kpis.catalog import KPIS
from maintenance.kpis.kpi import Kpi
from maintenance.kpis.period import Period
from maintenance.kpis.value import Value
from maintenance.kpis.values import headline_success, headlines
from maintenance.kpis.writing import target_of, value_of
from maintenance.rules.figure_words import parted
from zbmaint.rollup import days, editions
from zbmaint.ui.words import thousands

DAYS: Final = 30
# Of the success rate, the strict one when anything was missed.
SHOWN: Final = ("uptime", "success_rate", "task_duration_p50_seconds", "response_compliance")
# What a figure is made of, in words.
MADE_OF: Final = {
    "success_rate": "runs",
    "task_duration_p50_seconds": "runs",
    "response_compliance": "responses",
}


@dataclass(frozen=True)
class Figure:
    """One KPI with what stands beside it: how many it is made of, or how much of the time is known."""

    kpi: Kpi
    value: Value
    note: str

    @property
    def written(self) -> tuple[str, str]:
        """The value for people, and its sign of per cent where it has one."""
        return parted(value_of(self.kpi, self.value.value))

    @property
    def tone(self) -> str:
        """Coloured only where a target is missed."""
        return "danger" if self.kpi.met(self.value.value) is False else ""

    @property
    def target(self) -> str:
        """What is aimed at: `at least 95 %`."""
        return target_of(self.kpi)


def read_figures(now: dt.datetime) -> list[Figure]:
    """The figures: one query while none of their days becomes another."""
    period = Period.until(days.day_of(now) - days.A_DAY, DAYS)
    return _figures(period, editions.read(period.first, period.last).kinds)


@lru_cache(maxsize=2)
def _figures(period: Period, _editions: tuple[tuple[str, int], ...]) -> list[Figure]:
    values = headlines(period)
    coverage = values["uptime_coverage"]
    known = value_of(KPIS["uptime_coverage"], coverage.value)
    about = {"uptime": f"{known} known" if coverage.value is not None else "nothing known"}
    about |= {key: f"of {thousands(values[key].n)} {what}" for key, what in MADE_OF.items()}
    if missed := values["occurrences_missed"].value:
        about["success_rate_strict"] = f"{thousands(missed)} of {thousands(values['success_rate_strict'].n)} missed"
    shown = [headline_success(values) if key == "success_rate" else key for key in SHOWN]
    return [Figure(KPIS[key], values[key], about[key]) for key in shown]
