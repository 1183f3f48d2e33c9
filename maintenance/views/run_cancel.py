"""Cancel a run."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from maintenance.actions import runs
from maintenance.models import Run
from maintenance.views.run import live_answer
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("maintenance.cancel_run")
@require_POST
def run_cancel(request: SignedIn, run_id: int) -> HttpResponse:
    """Ask for the end of a run. One that has ended by itself meanwhile stays as it is, and the answer is 409."""
    run = get_object_or_404(Run, pk=run_id)
    try:
        runs.request_cancel(run, request.user)
    except runs.RunRefused as refused:
        if request.htmx:
            return live_answer(request, run_id, refused=str(refused), status=409)
        messages.warning(request, str(refused))
        return redirect(run)
    return live_answer(request, run_id) if request.htmx else redirect(run)
