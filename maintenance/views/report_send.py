"""Send a frozen report to others."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from maintenance.actions import weekly_reports
from maintenance.actions.weekly_reports import ReportRefused, Sent
from maintenance.forms.report_form import SendReportForm
from maintenance.models import WeeklyReport
from maintenance.rules.amounts import count
from maintenance.rules.weeks import said
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask

NOT_FOUND = 404


@requires("maintenance.add_weeklyreport")
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: SignedIn, week: str) -> HttpResponse:
    """Ask to whom; a POST sends it."""
    report = WeeklyReport.objects.defer("content").filter(week=week).first()
    if report is None:
        return render(request, "maintenance/report_missing.html", {"why": _why(week)}, status=NOT_FOUND)
    question = _question(report)
    if request.method != "POST":
        return ask(request, question, SendReportForm())
    form = SendReportForm(request.POST)
    if not form.is_valid():
        return ask(request, question, form, status=422)
    try:
        sent = weekly_reports.send(report, form.addresses(), actor=request.user)
    except ReportRefused as refused:
        form.add_error("to", str(refused))
        return ask(request, question, form, status=422)
    _say(request, sent)
    return redirect("report", report.week)


def _why(week: str) -> str:
    """Why there is nothing to send."""
    try:
        period = weekly_reports.period_of(week)
    except ReportRefused as refused:
        return str(refused)
    unfrozen = f"{week} is not frozen, and only what is frozen is sent: its figures may still change."
    return weekly_reports.why_not(period, timezone.now()) or unfrozen


def _say(request: SignedIn, sent: Sent) -> None:
    if sent.addresses:
        messages.success(request, f"The report is queued for {count(len(sent.addresses), 'address', 'addresses')}.")
    if sent.had:
        had = ", ".join(sent.had[:5]) + (f" and {len(sent.had) - 5} more" if len(sent.had) > 5 else "")
        messages.warning(request, f"Not sent again, for it was sent there before: {had}.")


def _question(report: WeeklyReport) -> Question:
    return Question(
        f"Send the report of {said(report.week).lower()}",
        "The report leaves as it was frozen, whole, with a link to its page. Nobody gets it twice.",
        "Send",
        "Cancel",
        page=reverse("report", args=[report.week]),
        page_title=said(report.week),
    )
