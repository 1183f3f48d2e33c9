"""`manage.py demo_data`: generated history, for demonstrations and benchmarks."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from zbmaint.dashboard.demo import alerting, reports
from zbmaint.dashboard.demo.history import DemoRefused, generate
from zbmaint.dashboard.demo.period import Period
from zbmaint.dashboard.demo.unfinished import A_DESK, OF_A_DESK, OF_MORE
from zbmaint.rollup import rolling

FEWEST_DAYS, DAYS, MOST = 7, 90, 1_000_000
TICKETS_A_DAY = 20
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
        parser.add_argument(
            "--tickets",
            type=int,
            help=f"tickets of people, besides those of runs and outages (default: {TICKETS_A_DAY} a day); of the "
            f"first {A_DESK:,} {OF_A_DESK:.0%} are unfinished, and {OF_MORE:.0%} of the others".replace("%", "%%"),
        )

        parser.add_argument(
            "--no-rollup",
            action="store_true",
            help="leave the days of KPIs to the ticker, and freeze no weekly reports: for benchmarks",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Generate. CommandError with status 2 for numbers that cannot be, 1 when the database is not empty."""
        days, most_days = options["days"], min(settings.RUN_RETENTION_DAYS, settings.TICKET_RETENTION_DAYS)
        if not FEWEST_DAYS <= days <= most_days:
            raise CommandError(
                f"--days must be from {FEWEST_DAYS} to {most_days} (what is older is purged), not {days}.",
                returncode=USAGE,
            )
        runs = _number("runs", options["runs"], 2 * days + days // 3)
        tickets = _number("tickets", options["tickets"], TICKETS_A_DAY * days)
        began = time.monotonic()
        try:
            with transaction.atomic():
                made = generate(Period(days, options["seed"], timezone.now()), runs, tickets)
                alerting.make(timezone.now())
        except DemoRefused as refusal:
            raise CommandError(str(refusal)) from None
        frozen = 0 if options["no_rollup"] else _roll_up()
        if options["verbosity"]:
            self.stdout.write(
                f"Generated {days} days of demo data, seed {options['seed']}, in {time.monotonic() - began:.1f} s: "
                f"{made.runs:,} runs, {made.occurrences:,} due times, {made.findings:,} findings, "
                f"{made.tickets:,} tickets, {made.readings:,} readings of probes, {frozen} weekly reports."
            )


def _roll_up() -> int:
    """Put the days together, and freeze the reports of the weeks that are over; returns how many."""
    rolling.roll_stale(timezone.now())
    with transaction.atomic():
        return reports.write()


def _number(name: str, given: int | None, default: int) -> int:
    number = default if given is None else given
    if not 0 <= number <= MOST:
        raise CommandError(f"--{name} must be from 0 to {MOST:,}, not {number:,}.", returncode=USAGE)
    return number
