"""The facts of a run as tiles: a figure, its unit, a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zbmaint.ui import words


@dataclass(frozen=True)
class Tile:
    """`value` is written for people; `unit` stands small beside it."""

    label: str
    value: str
    unit: str
    note: str


def tiles(facts: Any) -> list[Tile]:
    """Read the facts of a run; what is no fact is left out."""
    given = facts if isinstance(facts, list) else []
    return [tile(fact) for fact in given if isinstance(fact, Mapping)]


def tile(fact: Mapping[str, Any]) -> Tile:
    """One fact: bytes and seconds are written in the unit that suits them."""
    value, unit = fact.get("value"), str(fact.get("unit") or "")
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = "–" if value is None else str(value)
    elif unit == "bytes":
        text, _, unit = words.size(value).partition(" ")
    elif unit == "seconds":
        text, unit = words.duration(value), ""
    else:
        text = words.thousands(value)
    return Tile(str(fact.get("label") or fact.get("key") or ""), text, unit, str(fact.get("note") or ""))
