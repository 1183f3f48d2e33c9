"""`connection_monitor`: connections taken, long queries, idle transactions, who waits for whom. Ends nothing."""

from __future__ import annotations

import datetime as dt

from maintenance.task import Task
from maintenance.tasks.database import connections
from maintenance.tasks.database.examining import LOOK, task_of

connection_monitor = Task(
    key="connection_monitor",
    title="Connection monitoring",
    description="Counts connections against what is usable; names long queries, idle transactions and blockers.",
    category="preventive",
    cadence="on demand, or as often as a schedule says",
    needs="database",
    run=task_of(connections.PARTS),
    timeout=dt.timedelta(minutes=5),
    changes_things=False,
    parameters=connections.PARAMETERS,
    steps=(LOOK, *((part.key, part.name) for part in connections.PARTS)),
)
