"""Run a scheduled task now."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from maintenance.actions.run_now import run_now
from maintenance.actions.runs import RunRefused
from maintenance.models import ScheduledTask
from maintenance.tasks.catalog import CATALOG, why_not_configured
from maintenance.views.schedule import show
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("maintenance.start_run")
@require_POST
def schedule_run(request: SignedIn, task_id: int) -> HttpResponse:
    """Go to the new run, or to the one that does the same work already; 409 and the reason when it is refused."""
    active = ScheduledTask.objects.filter(retired_at__isnull=True, schedule__retired_at__isnull=True)
    scheduled = get_object_or_404(active.select_related("target"), pk=task_id)
    task, lacks = CATALOG.get(scheduled.task), why_not_configured(scheduled.task, scheduled.target)
    if task is None or lacks:
        return show(request, refused=RunRefused(f"Not configured: {lacks}"), status=409)
    try:
        run, is_new = run_now(task, scheduled, actor=request.user)
    except RunRefused as refused:
        return show(request, refused=refused, status=409)
    if not is_new:
        messages.info(request, f"{run} does this already, so no second one was started.")
    return redirect(run)
