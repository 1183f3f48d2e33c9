"""A task that consists of parts: opens the session, looks, examines, concludes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

import psycopg

from maintenance.rules.examination_outcome import conclude_parts
from maintenance.task import Context, Outcome, TaskFailed
from maintenance.tasks.database.clock import Clock
from maintenance.tasks.database.part import Part, examine
from maintenance.tasks.database.statements import ConnectionLost, first_line
from maintenance.tasks.database.survey import read_server

LOOK: Final = ("look", "Look at the database")


def task_of(parts: Sequence[Part]) -> Callable[[Context], Outcome]:
    """The `run` of a task that examines these parts and changes nothing."""

    def run(context: Context) -> Outcome:
        context.report(examined_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
        try:
            with context.session("look") as session:
                return _examine(context, session, parts)
        except ConnectionLost as lost:
            raise TaskFailed(f"The connection to the database was lost: {lost}.") from lost
        except psycopg.Error as error:
            raise TaskFailed(f"The database refuses a query of the task: {first_line(error)}.") from error

    return run


def _examine(context: Context, session: psycopg.Connection[dict[str, object]], parts: Sequence[Part]) -> Outcome:
    clock = Clock(context)
    with context.step(*LOOK) as step:
        session.execute("SET default_transaction_read_only = on")
        server = read_server(session)
        step.finish("passed", f"PostgreSQL {server.version}, database {server.database}")
    looks = examine(context, session, server, clock, parts)
    context.overall(100)
    context.report(database=server.database, server_version=server.version)
    state, verdict = conclude_parts(looks)
    return Outcome(state, verdict, frozenset().union(*(look.examined for look in looks)))
