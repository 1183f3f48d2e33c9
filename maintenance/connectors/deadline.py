"""A limit for calls that have none, such as name resolution."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T], discard: Callable[[T], object] = lambda _: None) -> T:
    """Return what `work` returns, or raise what it raises; TimeoutError when that takes longer than `seconds`.

    Work that is late is abandoned to its thread, and `discard` gets its result when it comes after all.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # raised again in the caller's thread
            future.set_exception(error)

    def throw_away(late: Future[T]) -> None:
        if late.exception() is None:
            discard(late.result())

    threading.Thread(target=run, name="within-deadline", daemon=True).start()
    try:
        return future.result(timeout=seconds)
    except TimeoutError:
        future.add_done_callback(throw_away)
        raise TimeoutError(f"no answer within {seconds:g} s") from None
