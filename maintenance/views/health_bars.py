"""The days of a service as a row of bars: what each looks like, and what it says when somebody points at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from maintenance.rules.probe_states import DEGRADED, DOWN, MAINTENANCE, UNKNOWN, UP
from maintenance.rules.uptime import Totals
from zbmaint.rollup import days
from zbmaint.ui.words import duration_in_words

DAYS: Final = 90
# What a day is wide in the drawing, and its bar.
STEP, BAR = 5.0, 3.4
NOTHING: Final = ""
WORDS: Final = {UP: "up", DEGRADED: "degraded", DOWN: "down", UNKNOWN: "unknown", MAINTENANCE: "in maintenance"}
MOST_NAMED: Final = 3
# Of a day that is known for less than this share of it nothing much can be said.
ENOUGH_KNOWN: Final = 0.5


@dataclass(frozen=True)
class Stretch:
    """Days in a row that look the same: one path. `d` is its line, `title` what it says."""

    state: str
    d: str
    title: str


@dataclass(frozen=True)
class Bars:
    """The bars, and all of them in a sentence."""

    stretches: list[Stretch]
    label: str

    @property
    def width(self) -> int:
        """How wide the drawing is."""
        return int(DAYS * STEP)


def first_day(last: dt.date, number: int = DAYS) -> dt.date:
    """The first of `number` days that end with `last`."""
    return last - (number - 1) * days.A_DAY


def bars(totals: Mapping[dt.date, Totals], last: dt.date) -> Bars:
    """The bars of the days until `last`. One that is well is drawn with its neighbours, any other by itself."""
    shown = list(days.each(first_day(last), last))
    looks = [(at, day, *look_of(totals.get(day))) for at, day in enumerate(shown)]
    stretches = []
    # Days that say something of their own stand alone; the others are one path, however many.
    for (state, said, _), group in groupby(looks, key=lambda each: (each[2], each[3], each[0] if each[3] else 0)):
        row = list(group)
        if state != NOTHING:
            path = f"M{row[0][0] * STEP:g} 0h{(len(row) - 1) * STEP + BAR:g}"
            stretches.append(Stretch(state, path, _title(row[0][1], row[-1][1], said or f"{WORDS[state]} all day")))
    return Bars(stretches, _label([(day, state, said) for _, day, state, said in looks]))


def look_of(day: Totals | None) -> tuple[str, str]:
    """The state of a day, empty when the service did not exist; and what is to be said beyond that, if anything."""
    if day is None or not day.existing:
        return NOTHING, ""
    known = day.up >= ENOUGH_KNOWN * day.existing
    looks = (
        (day.net_down > 0, DOWN, f"down for {_length(day.net_down)}"),
        (day.degraded > 0, DEGRADED, f"degraded for {_length(day.degraded)}"),
        (day.down > 0, MAINTENANCE, f"down for {_length(day.down)} in approved maintenance"),
        (day.up > 0 and not known, UNKNOWN, f"known for {_length(day.up)} only, and up"),
        (day.up > 0, UP, ""),
    )
    return next(((state, said) for is_so, state, said in looks if is_so), (UNKNOWN, ""))


def _title(first: dt.date, last: dt.date, said: str) -> str:
    return f"{_day(first)}: {said}" if first == last else f"{_day(first)} to {_day(last)}: {said}"


def _label(looks: Sequence[tuple[dt.date, str, str]]) -> str:
    counted = {state: sum(1 for _, each, _ in looks if each == state) for state in WORDS}
    there = [f"{number} {WORDS[state]}" for state, number in counted.items() if number]
    if not there:
        return "Nothing is known of these days"
    down = [f"{_day(day)} {said}" for day, state, said in looks if state == DOWN][-MOST_NAMED:]
    return f"Days: {', '.join(there)}" + (f". Last: {'; '.join(down)}" if down else "")


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b}"


def _length(microseconds: int) -> str:
    return duration_in_words(max(1.0, microseconds / 1e6))
