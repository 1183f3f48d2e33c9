"""What a process keeps of a scrape for the next one."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, ClassVar, Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Something that was read, for `longest` seconds at most, while its key stays. One thread reads it for all."""

    _all: ClassVar[list[Kept[Any]]] = []

    def __init__(self, longest: float) -> None:
        self._longest, self._lock = longest, Lock()
        self._held: tuple[object, float, T] | None = None
        Kept._all.append(self)

    def get(self, key: object, read: Callable[[], T]) -> T:
        """What was read with this key, or else what is read now."""
        with self._lock:
            held = self._held
            if held is None or held[0] != key or time.monotonic() - held[1] > self._longest:
                self._held = held = (key, time.monotonic(), read())
            return held[2]

    @staticmethod
    def forget_all() -> None:
        """Read everything anew at the next scrape."""
        for kept in Kept._all:
            kept._held = None
