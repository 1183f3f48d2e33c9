"""What the parts of a maintenance share."""

from __future__ import annotations

from dataclasses import dataclass

from maintenance.task import Context
from maintenance.tasks.database.clock import Clock
from maintenance.tasks.database.ledger import Ledger
from maintenance.tasks.database.obstacles import Obstacles
from maintenance.tasks.database.survey import Server
from maintenance.tasks.database.watch import Watch


@dataclass(frozen=True)
class Job:
    """One maintenance of one server's database."""

    context: Context
    server: Server
    clock: Clock
    ledger: Ledger
    watch: Watch
    obstacles: Obstacles
