"""How values of KPIs are written for people."""

from __future__ import annotations

from typing import Final

from maintenance.kpis.kpi import Kpi
from maintenance.rules import figure_words
from maintenance.rules.figure_words import NO_BREAK, NOTHING, figure
from maintenance.rules.ratios import percent

NONE: Final = NOTHING
# Uptime lies near 100 %: its third digit is a minute and a half a day.
UPTIME_DIGITS: Final = 3


def share(value: float | None, digits: int = 1) -> str:
    """A ratio: `97.8 %`, cut off; `—` when nothing is known."""
    return figure(value, "ratio", digits)


def uptime(value: float | None) -> str:
    """An uptime: `99.999 %`."""
    return share(value, UPTIME_DIGITS)


def length(seconds: float | None) -> str:
    """A length: `3m 42s`."""
    return figure(seconds, "seconds")


def number(value: int | float | None) -> str:
    """A number: `48,210`."""
    return figure(value, "count")


def digits_of(kpi: Kpi) -> int:
    """How many digits behind the point a ratio has."""
    return UPTIME_DIGITS if kpi.group == "Platform" and kpi.key != "uptime_coverage" else 1


def value_of(kpi: Kpi, value: int | float | None) -> str:
    """A value of a KPI with its unit; `—` when nothing is known."""
    return figure(value, kpi.unit, digits_of(kpi))


def target_of(kpi: Kpi, target: float | None = None) -> str:
    """What is aimed at: `at least 95 %`; empty without a target."""
    aim = kpi.target if target is None else target
    if aim is None:
        return ""
    written = value_of(kpi, aim)
    if kpi.unit == "ratio":
        written = f"{percent(aim, 4).rstrip('0').rstrip('.')}{NO_BREAK}%"
    return f"at {'least' if kpi.better == 'higher' else 'most'} {written}"


def change_of(kpi: Kpi, now: float | None, before: float | None) -> str:
    """The difference: `+0.8 pt`, `−22m`, `+4`; empty when either is not known."""
    return figure_words.change(now, before, kpi.unit, digits_of(kpi))
