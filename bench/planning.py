"""What the ticker costs: planning and dispatching 1,000 schedules of which none is due. Run by `python -m bench`."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import asdict

from django.core.management import call_command
from django.utils import timezone

from bench.alternate import alternate, spread
from bench.rows import Row
from maintenance.actions import planning
from maintenance.models import Category, Schedule, ScheduledTask
from maintenance.runner import dispatcher

SCHEDULES, ROUNDS = 1_000, 100
LIMIT_MS = 50.0


def measure() -> list[Row]:
    """Make the schedules and measure a tick, and what is done every five minutes beside it."""
    call_command("migrate", verbosity=0)
    call_command("defaults")
    _make_schedules()
    times = alternate({"tick": tick, "repair": lambda: planning.repair(timezone.now())}, ROUNDS)
    tick_, repair = spread(times["tick"]), spread(times["repair"])
    number = Schedule.objects.count()
    return [
        Row("planning", f"a tick, {number:,} schedules, none due", tick_.median, "ms", LIMIT_MS, spread=str(tick_)),
        Row("planning", "looking over all cursors, every 5 min", repair.median, "ms", spread=str(repair)),
    ]


def tick() -> None:
    """What the ticker does every second."""
    now = timezone.now()
    planning.plan_due(now)
    dispatcher.dispatch_due(now)


def _make_schedules() -> None:
    category = Category.objects.get(key="preventive")
    # Late enough that none becomes due while it is measured, and the same that the planner would find.
    at = timezone.now() - dt.timedelta(hours=2)
    following = at.replace(second=0, microsecond=0) + dt.timedelta(days=1)
    cron = f"{at.minute} {at.hour} * * *"
    schedules = Schedule.objects.bulk_create(
        Schedule(
            key=f"bench-{number}",
            name=f"Bench {number}",
            category=category,
            when=cron,
            cron=cron,
            version=1,
            next_due_at=following,
        )
        for number in range(SCHEDULES)
    )
    ScheduledTask.objects.bulk_create(ScheduledTask(schedule=each, task="log_rotation") for each in schedules)


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(row) for row in measure()]))
