"""REINDEX INDEX CONCURRENTLY of one index: carried out, watched, proven, and cleaned up after however it ends."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from maintenance.connectors.postgres import ConnectionProblem, Session, open_session
from maintenance.rules.amounts import size
from maintenance.rules.reindex_progress import reindex_progress
from maintenance.rules.vacuum_progress import Progress
from maintenance.task import Context, Step, TaskFailed
from maintenance.tasks.database.crew import CANCEL_AGAIN_SECONDS, TICK_SECONDS
from maintenance.tasks.database.index_leftovers import InvalidIndex, is_ours_to_drop, read_invalid
from maintenance.tasks.database.index_survey import Index
from maintenance.tasks.database.statements import ConnectionLost, Execution, execute, first_line, raise_if_lost
from maintenance.tasks.database.survey import rows

PROGRESS: Final = """
SELECT p.*, a.application_name AS locker_name, a.usename::text AS locker_user, a.state AS locker_state
FROM pg_stat_progress_create_index p LEFT JOIN pg_stat_activity a ON a.pid = p.current_locker_pid
WHERE p.pid = %(pid)s
"""
# The rebuilt index has another oid under the old name.
REBUILT: Final = """
SELECT c.oid::int8 AS oid, i.indisvalid AND i.indisready AS valid, pg_relation_size(c.oid) AS bytes
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indrelid = %(table)s AND n.nspname = %(schema)s AND c.relname = %(index)s
"""
# What DROP INDEX CONCURRENTLY may wait for those who use the table. What is left then goes with the next run.
DROP_SECONDS: Final = 30.0
RELEASE_SECONDS: Final = 5.0


@dataclass
class Rebuild:
    """How a rebuild ended: `why` not, empty when it did; the index's size now; and whether its session is lost."""

    why: str = ""
    bytes_after: int | None = None
    seconds: float = 0.0
    lost: bool = False


class Reindexing:
    """Rebuilds on `worker`; `reader` watches. What cleans up is a third session, which no cancelled run cancels."""

    def __init__(self, context: Context, reader: Session, worker: Session) -> None:
        self._context = context
        self._reader = reader
        self._worker = worker
        self._locker = 0

    def rebuild(self, index: Index, step: Step, milliseconds: int) -> Rebuild:
        """Rebuild it within so much time. What `check` raises comes through once everything is cleaned up."""
        statement = reindex_statement(index)
        self._worker.execute(f"SET statement_timeout = {milliseconds}")
        # A lock_timeout would leave an invalid index behind.
        self._worker.execute("SET lock_timeout = 0")
        done = Execution()
        began = time.monotonic()
        try:
            done = self._carry_out(statement, step)
        finally:
            left = clean_up(self._context, index.table_oid)
        if left:
            self._context.log(f"Left for the next run: {', '.join(left)}", "warn")
        rebuilt = Rebuild(seconds=time.monotonic() - began)
        if done.error is not None:
            rebuilt.why, rebuilt.lost = self._why(done, milliseconds), self._worker.closed
            return rebuilt
        self._prove(index, rebuilt)
        return rebuilt

    def _carry_out(self, statement: sql.Composed, step: Step) -> Execution:
        with ThreadPoolExecutor(1, thread_name_prefix="reindex") as pool:
            future = pool.submit(_execute, self._worker, statement)
            try:
                while wait([future], TICK_SECONDS).not_done:
                    self._context.check()
                    self._watch(step)
            except BaseException:
                self._cancel_until_done(future)
                raise
        return future.result()

    def _watch(self, step: Step) -> None:
        try:
            found = rows(self._reader, PROGRESS, {"pid": self._worker.info.backend_pid})
        except psycopg.Error:
            # Whether the database is gone is for the session that works to find out.
            self._context.check()
            return
        for row in found:
            progress: Progress = reindex_progress(row)
            if progress.total:
                step.progress(min(progress.done, progress.total), progress.total, progress.unit)
            locker = row["current_locker_pid"] or 0
            if locker and locker != self._locker:
                who = f"{row['locker_name'] or 'no application name'}, {row['locker_user'] or 'unknown user'}"
                state = f", {row['locker_state']}" if row["locker_state"] else ""
                self._context.log(f"The rebuild waits for pid {locker} ({who}){state}: {progress.phase}")
            self._locker = locker

    def _cancel_until_done(self, future: Future[Execution]) -> None:
        while wait([future], 0).not_done:
            if not self._worker.closed:
                with contextlib.suppress(psycopg.Error):
                    self._worker.cancel_safe(timeout=3)
            wait([future], CANCEL_AGAIN_SECONDS)

    def _why(self, done: Execution, milliseconds: int) -> str:
        if isinstance(done.error, psycopg.errors.QueryCanceled):
            # Somebody's doing: ours when the run has to stop, else its time or a person on the server.
            self._context.check()
            used_up = done.seconds * 1000 >= milliseconds - 50
            return "out of time" if used_up else "somebody cancelled it on the server"
        return first_line(done.error) if done.error else ""

    def _prove(self, index: Index, rebuilt: Rebuild) -> None:
        names = {"table": index.table_oid, "schema": index.schema, "index": index.index}
        found = rows(self._reader, REBUILT, names)
        if not found or found[0]["oid"] == index.oid:
            rebuilt.why = "the server reports success, but the index is the old one"
        elif not found[0]["valid"]:
            rebuilt.why = "the server reports success, but the index is not valid"
        else:
            rebuilt.bytes_after = found[0]["bytes"]


def reindex_statement(index: Index) -> sql.Composed:
    """Build the statement."""
    return sql.SQL("REINDEX INDEX CONCURRENTLY {}").format(sql.Identifier(index.schema, index.index))


def clean_up(context: Context, table_oid: int) -> list[str]:
    """Drop what a rebuild of ours left on its table, on a session that a cancelled run does not cancel.

    Returns the names of those that stay. Raises nothing that would hide how the run ends.
    """
    try:
        with _aside(context) as session:
            # A session that has just been ended needs a moment to let go of its locks.
            deadline = time.monotonic() + RELEASE_SECONDS
            while any(index.busy for index in read_invalid(session, table_oid)) and time.monotonic() < deadline:
                time.sleep(0.1)
            left = [index for index in read_invalid(session, table_oid) if is_ours_to_drop(index)]
            return [index.name for index in left if drop_leftover(context, session, index)]
    except (psycopg.Error, ConnectionProblem, ConnectionLost) as problem:
        said = first_line(problem) if isinstance(problem, psycopg.Error) else str(problem)
        context.log(f"Nobody could look for what the rebuild left behind; the next run does: {said}", "warn")
        return []


def drop_leftover(context: Context, session: Session, index: InvalidIndex) -> str:
    """Drop one leftover; returns why it stays, empty when it is gone. ConnectionLost when the session is."""
    try:
        # Looked at once more just before: the name may belong to something else by now.
        now = read_invalid(session, index.table_oid)
        if not any(is_ours_to_drop(one) and (one.oid, one.name) == (index.oid, index.name) for one in now):
            return ""
        if not index.may_drop:
            return f"only its owner {index.owner} may drop it"
        session.execute(index.drop, prepare=False)
    except psycopg.errors.QueryCanceled:
        return "somebody uses its table"
    except psycopg.Error as problem:
        raise_if_lost(session, problem)
        return first_line(problem)
    context.log(f"Dropped {index.name}, left by a REINDEX that did not end: {size(index.bytes)}")
    return ""


@contextmanager
def _aside(context: Context) -> Iterator[Session]:
    """A session of the run that nothing but its own limits, or the loss of the run, ends."""
    if context.target is None:
        raise TaskFailed("This task needs a target.")
    session = open_session(context.target.reference, application_name=f"zbmaint:run-{context.run_id}:clean up")
    with contextlib.closing(session):
        session.execute(f"SET statement_timeout = {int(DROP_SECONDS * 1000)}")
        session.execute("SET lock_timeout = 0")
        yield session


def _execute(session: Session, statement: sql.Composed) -> Execution:
    """Like `execute`, with the end of the session as an error like any other."""
    try:
        return execute(session, statement)
    except ConnectionLost as lost:
        return Execution(error=psycopg.OperationalError(str(lost)))
