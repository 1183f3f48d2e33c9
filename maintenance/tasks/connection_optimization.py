"""`connection_optimization`: a review of pools and idle connections, with the exact change. Ends nothing."""

from __future__ import annotations

import datetime as dt
from typing import Final

from maintenance.task import Task
from maintenance.tasks.database import connections, pool
from maintenance.tasks.database.examining import LOOK, task_of

PARTS: Final = (*connections.PARTS, *pool.PARTS)

connection_optimization = Task(
    key="connection_optimization",
    title="Connection optimisation",
    description="Reviews idle connections, pools and the settings that end what is forgotten; says what to change.",
    category="preventive",
    cadence="weekly, Sunday 03:00 UTC",
    needs="database",
    run=task_of(PARTS),
    timeout=dt.timedelta(minutes=10),
    changes_things=False,
    parameters=(*connections.PARAMETERS, *pool.PARAMETERS),
    steps=(LOOK, *((part.key, part.name) for part in PARTS)),
)
