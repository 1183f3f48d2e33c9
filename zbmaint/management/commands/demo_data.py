"""`manage.py demo_data`: generated history, for demonstrations and benchmarks."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from zbmaint.dashboard.demo.history import DemoRefused, generate
from zbmaint.dashboard.demo.period import Period

FEWEST_DAYS, DAYS, MOST_RUNS = 7, 90, 1_000_000
USAGE = 2


class Command(BaseCommand):
    """Fills an empty database with months of history, once, and marks it as demo data on every page.

    It refuses (exit status 1) where real runs or earlier demo data are; no option overrides that.
    """

    help = "Fills an empty database with generated history, marked as demo data on every page."

    def add_arguments(self, parser: CommandParser) -> None:
        """How much, and the seed."""
        parser.add_argument("--days", type=int, default=DAYS, help=f"days of history (default: {DAYS})")
        parser.add_argument("--runs", type=int, help="runs on the demo targets (default: a little over two a day)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed generates the same (default: 1)")
        parser.add_argument("--tickets", type=int, default=0, help="tickets besides those of runs: 0")

    def handle(self, *_: Any, **options: Any) -> None:
        """Generate. CommandError with status 2 for numbers that cannot be, 1 when the database is not empty."""
        days, tickets = options["days"], options["tickets"]
        runs = options["runs"] if options["runs"] is not None else 2 * days + days // 3
        most_days = settings.RUN_RETENTION_DAYS
        if tickets:
            raise CommandError("Here tickets come from runs alone: leave --tickets out, or write 0.", returncode=USAGE)
        if not FEWEST_DAYS <= days <= most_days:
            raise CommandError(
                f"--days must be from {FEWEST_DAYS} to {most_days} (older runs are purged), not {days}.",
                returncode=USAGE,
            )
        if not 0 <= runs <= MOST_RUNS:
            raise CommandError(f"--runs must be from 0 to {MOST_RUNS:,}, not {runs:,}.", returncode=USAGE)
        began = time.monotonic()
        try:
            made = generate(Period(days, options["seed"], timezone.now()), runs)
        except DemoRefused as refusal:
            raise CommandError(str(refusal)) from None
        if options["verbosity"]:
            self.stdout.write(
                f"Generated {days} days of demo data, seed {options['seed']}, in {time.monotonic() - began:.1f} s: "
                f"{made.runs:,} runs, {made.occurrences:,} due times, {made.findings:,} findings, "
                f"{made.tickets:,} tickets."
            )
