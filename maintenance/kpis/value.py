"""Value: a figure with how many it was made of; Filters: what of everything is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Value(NamedTuple):
    """A figure and `n`, the number of rows behind it (of uptime: of services). None: nothing is known."""

    value: int | float | None
    n: int = 0


NOTHING = Value(None, 0)


@dataclass(frozen=True)
class Filters:
    """What is meant: runs of a `task` or `category`, tickets of a `tier` (0: all) and `severity`, findings of the
    `severity`, the uptime of a `service` (its probe; 0: the system). What a filter says nothing of is of everything."""

    task: str = ""
    category: str = ""
    tier: int = 0
    severity: str = ""
    service: int = 0
