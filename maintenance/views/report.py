"""The page of a weekly report: a frozen one, or what would be frozen now."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from maintenance import notices
from maintenance.actions import weekly_reports
from maintenance.actions.weekly_reports import ReportRefused
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.period import Period
from maintenance.models import ScheduledTask, WeeklyReport
from maintenance.rules import weekly_sent
from maintenance.rules.figure_words import figure
from maintenance.rules.weekly_letter import digits_of
from maintenance.rules.weeks import A_WEEK, name_of
from maintenance.views.report_page import ReportPage
from maintenance.views.report_rows import others
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.notifications.views.notice_row import NoticeRow

NOT_FOUND = 404
MOST_SENT = 100


@requires("maintenance.view_weeklyreport")
@require_GET
def report(request: SignedIn, week: str) -> HttpResponse:
    """A frozen week; one that is not, as it is now and marked so; 404 in words for no week, or one of which nothing is
    known."""
    now = timezone.now()
    try:
        period = weekly_reports.period_of(week)
    except ReportRefused as refused:
        return render(request, "maintenance/report_missing.html", {"why": refused}, status=NOT_FOUND)
    frozen = WeeklyReport.objects.filter(starts=period.first).select_related("run").first()
    if frozen is not None:
        return render(request, "maintenance/report.html", _frozen(request, frozen, now))
    if why := weekly_reports.why_not(period, now):
        return render(request, "maintenance/report_missing.html", {"why": why}, status=NOT_FOUND)
    is_over = now >= period.ends
    context = {
        "page": ReportPage(weekly_reports.preview(period), is_over=is_over),
        "is_over": is_over,
        **_around(period, now),
    }
    return render(request, "maintenance/report.html", context)


def _frozen(request: SignedIn, report: WeeklyReport, now: dt.datetime) -> dict[str, Any]:
    sent = [NoticeRow(notice, request.user, now) for notice in notices.weekly_notices(report)]
    return {
        "page": ReportPage(report.content),
        "report": report,
        "unchanged": weekly_reports.is_unchanged(report),
        "corrected": _corrected(report),
        "sent": sent[:MOST_SENT],
        "sent_to": len(sent),
        "sent_says": weekly_sent.said(row.notice.state for row in sent),
        **_around(Period.week(report.week), now),
    }


def _corrected(report: WeeklyReport) -> list[dict[str, str]]:
    """The figures that are others by now, in words."""
    return [
        {
            "name": KPIS[key].name,
            "then": figure(then, KPIS[key].unit, digits_of(key)),
            "now": figure(now, KPIS[key].unit, digits_of(key)),
        }
        for key, (then, now) in weekly_reports.corrected(report).items()
    ]


def _around(period: Period, now: dt.datetime) -> dict[str, Any]:
    """The weeks beside it, and whether the next one will be frozen."""
    tasks = ScheduledTask.objects.filter(task="weekly_report", retired_at__isnull=True).select_related("schedule")
    plans = [task.schedule for task in tasks if task.schedule.retired_at is None]
    paused = plans[0] if plans and all(plan.paused_at for plan in plans) else None
    return {
        "others": others(period.first),
        "earlier": name_of(period.first - A_WEEK),
        "later": name_of(period.first + A_WEEK) if period.ends <= now else "",
        "paused": paused,
        "unplanned": not plans,
    }
