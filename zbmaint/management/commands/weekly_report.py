"""`manage.py weekly_report`: freezes the report of a week, or prints the one that is frozen."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from maintenance.actions import weekly_reports
from maintenance.actions.weekly_reports import ReportRefused
from maintenance.kpis.period import Period
from maintenance.models import WeeklyReport
from maintenance.rules import weekly_letter, weeks
from zbmaint.notifications.transports.letter import as_text
from zbmaint.rollup import days

USAGE, CHANGED = 2, 3


class Command(BaseCommand):
    """Exit status 0 with the report; 1 when the days cannot be put together; 2 for a week that cannot be frozen; 3 when
    the frozen one is not what it was."""

    help = "Prints the report of a week, and freezes it first when that was not done yet (default: the last week)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which week, and how."""
        parser.add_argument("--week", metavar="WEEK", help="such as 2026-W14 (default: the latest that is over)")
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, *_: Any, **options: Any) -> None:
        """Freeze if needed, and print."""
        now = timezone.now()
        name = options["week"] or weeks.name_of(weeks.last_over(days.day_of(now)))
        try:
            report = self._report(weekly_reports.period_of(name))
        except ReportRefused as refused:
            raise CommandError(str(refused), returncode=USAGE) from None
        if options["json"]:
            self.stdout.write(json.dumps(weekly_reports.as_json(report), indent=2, ensure_ascii=False))
        else:
            self.stdout.write(as_text({"text": "", **weekly_letter.whole(report.content)}))
        if not weekly_reports.is_unchanged(report):
            raise CommandError(f"{name} is not what it was when it was frozen ({report.digest}).", returncode=CHANGED)

    def _report(self, period: Period) -> WeeklyReport:
        now = timezone.now()
        there = WeeklyReport.objects.filter(starts=period.first).first()
        if there is not None or now < period.ends:
            return there or weekly_reports.freeze(period, now)
        try:
            weekly_reports.bring_up_to_date(now)
        except ReportRefused as refused:
            raise CommandError(str(refused), returncode=1) from None
        report = weekly_reports.freeze(period, now)
        self.stderr.write(f"{report.week} is frozen now: SHA-256 {report.digest}")
        return report
