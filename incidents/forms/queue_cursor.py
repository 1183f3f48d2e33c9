"""Cursor: a place in the list of tickets, as it stands in its URL. A page begins after it or ends before it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, Protocol

from django.db.models import BooleanField, F, Func, Value

from incidents.models.ticket import ANSWERED, PAUSED
from incidents.rules.severities import WORST_FIRST

# The order of what is being worked on, and that of lists with finished tickets in them.
DUE_NEXT: Final = ("order_at", "severity_rank", "number")
NEWEST: Final = ("-number",)
_MOMENT: Final = "%Y%m%dT%H%M%S.%fZ"
_WITHOUT: Final = {"answered": ANSWERED, "paused": PAUSED}
_DUE: Final = re.compile(r"([a-z]+|\d{8}T\d{6}\.\d{6}Z)_([a-z]+)_(\d{1,18})", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True)
class Cursor:
    """The place of a ticket in the order: reads `20260405T031600.000000Z_critical_1193`, or `1193` by number alone."""

    number: int
    order_at: dt.datetime | None = None
    rank: int = 0

    def __str__(self) -> str:
        if self.order_at is None:
            return str(self.number)
        names = {moment: name for name, moment in _WITHOUT.items()}
        moment = names.get(self.order_at) or self.order_at.astimezone(dt.UTC).strftime(_MOMENT)
        return f"{moment}_{WORST_FIRST[self.rank]}_{self.number}"

    def beyond(self, *, backwards: bool) -> Func:
        """The condition for tickets that come after it, or `backwards` before it."""
        if self.order_at is None:
            return _compared([F("number")], [Value(self.number)], ">" if backwards else "<")
        place = [Value(self.order_at), Value(self.rank), Value(self.number)]
        return _compared([F(name) for name in DUE_NEXT], place, "<" if backwards else ">")


class Placed(Protocol):
    """What has a place in the list."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def order_at(self) -> dt.datetime:
        """When it is due, or what stands for that."""

    @property
    def severity_rank(self) -> int:
        """The place of its severity, the worst first."""


def cursor_of(ticket: Placed, *, newest: bool) -> Cursor:
    """The place of `ticket`."""
    return Cursor(ticket.number) if newest else Cursor(ticket.number, ticket.order_at, ticket.severity_rank)


def read_cursor(text: str, *, newest: bool) -> Cursor | None:
    """The place that `text` names in a list of that order; None when it names none."""
    if newest:
        return Cursor(int(text)) if _NUMBER.fullmatch(text) else None
    match = _DUE.fullmatch(text)
    if match is None or match[2] not in WORST_FIRST:
        return None
    moment = _WITHOUT.get(match[1])
    if moment is None:
        try:
            moment = dt.datetime.strptime(match[1], _MOMENT).replace(tzinfo=dt.UTC)
        except ValueError:
            return None
    return Cursor(int(match[3]), moment, WORST_FIRST.index(match[2]))


def _compared(fields: list[F], values: list[Value], sign: str) -> Func:
    """A comparison of rows, which an index on the fields answers as a whole."""
    left, right = (Func(*side, function="ROW", output_field=BooleanField()) for side in (fields, values))
    return Func(left, right, template="(%(expressions)s)", arg_joiner=f" {sign} ", output_field=BooleanField())
