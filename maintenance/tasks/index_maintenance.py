"""`index_maintenance`: examine the indexes, rebuild what is bloated within policy, and remove what rebuilds left."""

from __future__ import annotations

import datetime as dt
from typing import Final

import psycopg

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import count
from maintenance.rules.examination_outcome import conclude_parts
from maintenance.task import Context, Outcome, Task, TaskFailed
from maintenance.tasks.database.clock import Clock
from maintenance.tasks.database.gate import close_gate
from maintenance.tasks.database.index_work import INDEX_PARAMETERS, IndexWork
from maintenance.tasks.database.statements import ConnectionLost, first_line
from maintenance.tasks.database.survey import read_server

LOOK: Final = ("look", "Look at the database")


def run(context: Context) -> Outcome:
    """Maintain the indexes of the target's database. Raises TaskFailed when it cannot even look at it."""
    context.report(maintenance_date=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    with context.session("watch") as session:
        try:
            return _maintain(context, session)
        except ConnectionLost as lost:
            raise TaskFailed(f"The connection to the database was lost: {lost}.") from lost
        except psycopg.Error as error:
            # A statement that was cancelled because the run has to stop is no refusal.
            context.check()
            raise TaskFailed(f"The database refuses a query of the task: {first_line(error)}.") from error


def _maintain(context: Context, session: Session) -> Outcome:
    clock = Clock(context)
    with context.step(*LOOK) as step:
        session.execute("SET default_transaction_read_only = on")
        server = read_server(session)
        step.finish("passed", f"PostgreSQL {server.version}, database {server.database}")
        context.report(database=server.database, server_version=server.version)
    work = IndexWork(context, session, server, clock, context.parameters, enter=close_gate)
    looks = work.perform()
    context.overall(100)
    examined = frozenset[str]().union(*(look.examined for look in looks))
    if context.dry_run:
        context.report(plan=work.statements)
        what = count(len(work.statements), "statement")
        return Outcome("succeeded", f"Dry run: {what} would be carried out; nothing was changed.", examined)
    state, verdict = conclude_parts(looks, done=work.done)
    return Outcome(state, verdict, examined)


index_maintenance = Task(
    key="index_maintenance",
    title="Index maintenance",
    description="Finds invalid, duplicate, unused and bloated indexes, and rebuilds the bloated ones within policy.",
    category="preventive",
    cadence="on request; part of the weekly maintenance of a database",
    needs="database",
    run=run,
    timeout=dt.timedelta(minutes=55),
    changes_things=True,
    lock_groups=("db:{target}",),
    parameters=INDEX_PARAMETERS,
    steps=(LOOK,),
)
