"""The catalogue of tasks: one line each."""

from __future__ import annotations

from maintenance.task import Task
from maintenance.tasks.database_maintenance import database_maintenance

CATALOG: dict[str, Task] = {task.key: task for task in (database_maintenance,)}
