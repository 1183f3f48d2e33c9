"""`database_maintenance`: refresh statistics, vacuum what needs it, prove it, and say what stood in the way."""

from __future__ import annotations

import datetime as dt
import time
from typing import Final

import psycopg

from maintenance.task import Cancelled, Context, Outcome, OutOfTime, Parameter, Task, TaskFailed
from maintenance.tasks.database import connections, server_state
from maintenance.tasks.database.figures import state_end
from maintenance.tasks.database.index_work import INDEX_PARAMETERS
from maintenance.tasks.database.sequence import FIRST_STEPS, Sequence
from maintenance.tasks.database.statements import ConnectionLost, first_line

PARAMETERS: Final = (
    Parameter("min_dead_tuples", "Vacuum a table from this many dead rows on", 1000, 0, 1_000_000_000),
    Parameter("jobs", "Tables side by side", 2, 1, 8),
    Parameter("table_seconds", "Time limit for the VACUUM of one table, seconds", 1200, 1, 86_400),
    Parameter("analyze_seconds", "Time limit for the ANALYZE of one table, seconds", 300, 1, 86_400),
    *connections.PARAMETERS,
    *server_state.PARAMETERS,
    *INDEX_PARAMETERS,
)


def run(context: Context) -> Outcome:
    """Maintain the target's database; needs no superuser. Raises TaskFailed when it cannot even look at it."""
    context.report(maintenance_date=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), status="running")
    began = time.monotonic()
    try:
        return _maintain(context)
    except BaseException as problem:
        # Whatever ends it, the report does not go on saying that it runs.
        status = {Cancelled: "cancelled", OutOfTime: "timed_out"}
        found = next((word for kind, word in status.items() if isinstance(problem, kind)), "failed")
        state_end(context, found, time.monotonic() - began)
        raise


def _maintain(context: Context) -> Outcome:
    given = {parameter.key: parameter.default for parameter in PARAMETERS}
    given |= {key: int(value) for key, value in context.parameters.items() if key in given}
    with context.session("watch") as session:
        try:
            sequence = Sequence(context, session, given)
            return sequence.rehearse() if context.dry_run else sequence.perform()
        except ConnectionLost as lost:
            raise TaskFailed(f"The connection to the database was lost: {lost}.") from lost
        except psycopg.Error as error:
            raise TaskFailed(f"The database refuses a query of the task: {first_line(error)}.") from error


database_maintenance = Task(
    key="database_maintenance",
    title="Database maintenance",
    description="VACUUM and ANALYZE what needs it with proof; indexes, connections and the server's state examined.",
    category="preventive",
    cadence="weekly, Sunday 03:00 UTC",
    needs="database",
    run=run,
    timeout=dt.timedelta(minutes=55),
    changes_things=True,
    lock_groups=("db:{target}",),
    parameters=PARAMETERS,
    announces=True,
    steps=FIRST_STEPS,
)
