"""What became of a run's report at the monitoring webhook: the part of the page that follows it, and sending again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from maintenance.models import Run
from maintenance.notices import webhook_notice
from maintenance.views.webhook_part import RESEND, webhook_context
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.notifications.actions import notices

STOP_POLLING = 286


@requires("maintenance.view_run")
@require_GET
def state(request: SignedIn, run_id: int) -> HttpResponse:
    """The part alone; 286 ends the asking when nothing changes by itself any more."""
    run = get_object_or_404(Run.objects.defer("report", "facts"), pk=run_id)
    context = webhook_context(run, request.user)
    status = 200 if context.get("asks") else STOP_POLLING
    return render(request, "maintenance/run/webhook.html", context, status=status)


@requires(RESEND)
@require_POST
def resend(request: SignedIn, run_id: int) -> HttpResponse:
    """Deliver the report again, with the same delivery id, and go back to the run."""
    run = get_object_or_404(Run.objects.defer("report", "facts"), pk=run_id)
    notice = webhook_notice(run)
    if notice is None:
        raise Http404(f"{run} has no notice for the monitoring webhook.")
    try:
        notices.resend(notice, request.user)
        messages.success(request, "The report is sent to the monitoring webhook again.")
    except notices.NoticeRefused as refused:
        messages.warning(request, str(refused))
    return redirect(run)
