"""Registry of periodic work: apps register a callable, every ticker calls it, one at a time across all copies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Periodic:
    """Work to be done every `period`. The callable gets the time and must be safe to call again after a crash."""

    name: str
    period: dt.timedelta
    call: Callable[[dt.datetime], object]


_registry: dict[str, Periodic] = {}


def register(name: str, period: dt.timedelta, call: Callable[[dt.datetime], object]) -> None:
    """Register periodic work under a unique `name`; registering the same name again replaces it."""
    _registry[name] = Periodic(name, period, call)


def registered() -> list[Periodic]:
    """Everything registered, by name."""
    return [_registry[name] for name in sorted(_registry)]
