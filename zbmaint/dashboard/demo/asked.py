"""What was asked for, before it is told how it went: a run, and the due time that it belongs to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from maintenance.models import Origin, ScheduledTask
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.targets import Database

Ending = Literal["done", "failed", "timed_out", "lost", "cancelled", "not_configured"]


@dataclass
class Due:
    """One due time of a scheduled task and what became of it. `decided_at` is when."""

    task: ScheduledTask
    version: int
    due_at: dt.datetime
    planned_at: dt.datetime
    decided_at: dt.datetime
    state: str
    reason: str = ""
    skipped_by: Person | None = None


@dataclass
class Asked:
    """A run that was asked for. It has `room` seconds before the next one on its target begins.

    `last` on its database; `brief` runs keep only the lines that every run has. `verdict` is for those without
    a database of the demo: what they examine is our own, or they do not work at all.
    """

    at: dt.datetime
    task: str
    database: Database | None
    origin: Origin
    room: float = 3300.0
    by: Person | None = None
    ending: Ending = "done"
    cancelled_by: Person | None = None
    verdict: str = ""
    last: bool = False
    brief: bool = False
    lock_groups: list[str] = field(default_factory=list)
    due: Due | None = None
