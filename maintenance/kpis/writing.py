"""How values of KPIs are written for people."""

from __future__ import annotations

from typing import Final

from maintenance.kpis.kpi import Kpi
from maintenance.rules import figure_words
from maintenance.rules.ratios import percent
from zbmaint.ui import words

NONE: Final = "—"
# Uptime lies near 100 %: its third digit is a minute and a half a day.
UPTIME_DIGITS: Final = 3


def share(value: float | None, digits: int = 1) -> str:
    """A ratio: `97.8 %`, cut off; `—` when nothing is known."""
    return NONE if value is None else f"{percent(value, digits)} %"


def uptime(value: float | None) -> str:
    """An uptime: `99.999 %`."""
    return share(value, UPTIME_DIGITS)


def length(seconds: float | None) -> str:
    """A length: `3m 42s`."""
    return NONE if seconds is None else words.duration(seconds)


def number(value: int | float | None) -> str:
    """A number: `48,210`."""
    return NONE if value is None else words.thousands(value)


def digits_of(kpi: Kpi) -> int:
    """How many digits behind the point a ratio has."""
    return UPTIME_DIGITS if kpi.group == "Platform" and kpi.key != "uptime_coverage" else 1


def value_of(kpi: Kpi, value: int | float | None) -> str:
    """A value of a KPI with its unit; `—` when nothing is known."""
    if value is None:
        return NONE
    match kpi.unit:
        case "ratio":
            return share(value, digits_of(kpi))
        case "seconds":
            return length(value)
        case "days":
            return f"{number(round(value, 1))} {'day' if value == 1 else 'days'}"
        case _:
            return number(value)


def target_of(kpi: Kpi, target: float | None = None) -> str:
    """What is aimed at: `at least 95 %`; empty without a target."""
    aim = kpi.target if target is None else target
    if aim is None:
        return ""
    written = value_of(kpi, aim)
    if kpi.unit == "ratio":
        written = f"{percent(aim, 4).rstrip('0').rstrip('.')} %"
    return f"at {'least' if kpi.better == 'higher' else 'most'} {written}"


def change_of(kpi: Kpi, now: float | None, before: float | None) -> str:
    """The difference: `+0.8 pt`, `−22m`, `+4`; empty when either is not known."""
    if now is None or before is None:
        return ""
    if kpi.unit in ("ratio", "seconds"):
        return figure_words.change(now, before, kpi.unit, digits_of(kpi))
    step = now - before
    sign = "+" if step > 0 else "−" if step < 0 else ""
    return f"{sign}{number(abs(step if isinstance(step, int) else round(step, 1)))}"
