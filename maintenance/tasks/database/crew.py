"""The crew: a few sessions on the target that work through a list side by side, watched from the task's own thread."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self, TypeVar

import psycopg

from maintenance.connectors.postgres import Session
from maintenance.task import Context, TaskFailed
from maintenance.tasks.database.gate import close_gate, follow

T = TypeVar("T")

# A crash may undo the last moments of a vacuum, and then the next run finds it to do again; nothing is lost. In return
# no table waits for the disk, nor for a synchronous standby that does not answer.
NO_WAIT: Final = "SET synchronous_commit = off"
TICK_SECONDS: Final = 1.0
# A statement may begin just after it was told to stop, so it is told again.
CANCEL_AGAIN_SECONDS: Final = 0.5


class Crew:
    """Sessions named `vacuum 1`, `vacuum 2`, …; each holds the lock that keeps other maintenance off the database."""

    def __init__(self, context: Context, jobs: int) -> None:
        self._context = context
        self._jobs = jobs
        self._open = ExitStack()
        self.sessions: list[Session] = []

    def __enter__(self) -> Self:
        """Open the first session and close the gate; TaskFailed when another maintenance is inside."""
        with contextlib.ExitStack() as opening:
            session = opening.enter_context(self._context.session("vacuum 1"))
            close_gate(session)
            session.execute(NO_WAIT)
            self._open = opening.pop_all()
        self.sessions = [session]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the sessions, and with them their locks."""
        self._open.close()

    @property
    def first(self) -> Session:
        """The session for what is done alone."""
        return self.sessions[0]

    def each(self, items: Iterable[T], work: Callable[[Session, T], None], tick: Callable[[], None]) -> None:
        """Call `work` for every item, in order, on as many sessions as are useful; returns when all have ended.

        `tick` is called about every second meanwhile. After an error of either no new item is begun, and it is raised
        again here once the threads have ended; an error of `tick` also cancels the statements under way.
        """
        left = deque(items)
        self._grow(len(left))
        with ThreadPoolExecutor(len(self.sessions), thread_name_prefix="vacuum") as pool:
            futures = [pool.submit(_work_through, left, session, work) for session in self.sessions]
            try:
                while wait(futures, TICK_SECONDS, FIRST_EXCEPTION).not_done and not _failed(futures):
                    tick()
            except BaseException:
                left.clear()
                self._cancel_until_done(futures)
                raise
            left.clear()
        for future in futures:
            future.result()

    def _grow(self, items: int) -> None:
        """Open as many sessions as there is work for; a server that has none left gets fewer."""
        while len(self.sessions) < min(self._jobs, items):
            try:
                session = self._open.enter_context(self._context.session(f"vacuum {len(self.sessions) + 1}"))
                follow(session)
                session.execute(NO_WAIT)
            except TaskFailed as problem:
                self._context.log(f"Working with {len(self.sessions)} of {self._jobs} sessions: {problem}", "warn")
                self._jobs = len(self.sessions)
            else:
                self.sessions.append(session)

    def _cancel_until_done(self, futures: list[Future[None]]) -> None:
        while wait(futures, 0).not_done:
            for session in self.sessions:
                if not session.closed:
                    with contextlib.suppress(psycopg.Error):
                        session.cancel_safe(timeout=3)
            wait(futures, CANCEL_AGAIN_SECONDS)


def _work_through(left: deque[T], session: Session, work: Callable[[Session, T], None]) -> None:
    while True:
        try:
            item = left.popleft()
        except IndexError:
            return
        work(session, item)


def _failed(futures: list[Future[None]]) -> bool:
    return any(future.done() and future.exception() for future in futures)
