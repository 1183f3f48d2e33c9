"""One question to a PostgreSQL, within a time that nothing makes longer."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from threading import Timer
from typing import Any, Final

import psycopg

from maintenance.connectors.postgres import Session, open_session
from maintenance.connectors.problems import ConnectionProblem

APPLICATION_NAME: Final = "zbmaint:probe"


def ping(reference: str, seconds: float) -> None:
    """Sign in and ask for 1. Raises ConnectionProblem, with what is wrong and no secret."""
    with_answer(reference, seconds, "SELECT 1 AS one")


def with_answer(reference: str, seconds: float, question: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
    """The first row that answers `question`, within `seconds` after the session is open.

    Raises ConnectionProblem: when no session opens (within `seconds`, and what it takes to see why), and part `server`
    when there is no answer.
    """
    began = time.monotonic()
    with open_session(reference, application_name=APPLICATION_NAME, read_only=True, seconds=seconds) as session:
        left = max(0.05, seconds - (time.monotonic() - began))
        try:
            with _cut_off_after(left, session):
                row = session.execute(question, values).fetchone()
        except psycopg.Error as error:
            late = time.monotonic() - began >= seconds
            said = f"no answer within {seconds:g} s" if late else type(error).__name__
        else:
            if row is not None:
                return row
            said = "no row"
    raise ConnectionProblem("server", f"It lets us in, but does not answer ({said}).")


@contextlib.contextmanager
def _cut_off_after(seconds: float, session: Session) -> Iterator[None]:
    """End the session's connection when time is up: a server that stands still answers no time-out of its own."""
    held = socket.socket(fileno=os.dup(session.fileno()))

    def end() -> None:
        with contextlib.suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        held.close()
