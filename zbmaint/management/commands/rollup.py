"""`manage.py rollup`: puts what happened together by day, as the ticker does every minute."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from zbmaint.rollup import rolling

USAGE = 2


class Command(BaseCommand):
    """Rolls what is stale, or with --rebuild every day anew. Exit status 2 for a day that cannot be."""

    help = "Rolls KPIs up: what has changed, or every day anew from what happened."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to roll."""
        parser.add_argument("--rebuild", action="store_true", help="every day anew, also those that did not change")
        parser.add_argument(
            "--from",
            dest="first",
            metavar="DATE",
            help="with --rebuild: from this day (YYYY-MM-DD)",
        )
        parser.add_argument("--kind", choices=rolling.kinds(), help="of this kind alone (default: all)")

    def handle(self, *_: Any, **options: Any) -> None:
        """Roll, and say how many days were."""
        first = _day(options["first"])
        if first is not None and not options["rebuild"]:
            raise CommandError("--from goes with --rebuild: without it, what has changed is rolled.", returncode=USAGE)
        began = time.monotonic()
        try:
            if not options["rebuild"]:
                count = rolling.roll_stale(timezone.now())
                self.stdout.write(f"Rolled {count} days in {time.monotonic() - began:.1f} s.")
                return
            for kind in [options["kind"]] if options["kind"] else rolling.kinds():
                began = time.monotonic()
                count = rolling.rebuild(kind, first, timezone.now())
                self.stdout.write(f"{kind}: {count} days in {time.monotonic() - began:.1f} s")
        except rolling.RollRefused as refusal:
            raise CommandError(str(refusal), returncode=USAGE) from None


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--from takes a day such as 2026-03-01, not {text}.", returncode=USAGE) from None
