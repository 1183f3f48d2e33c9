"""The report of a run as JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from maintenance.models import Run
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("maintenance.view_run")
@require_GET
def run_report(_request: SignedIn, run_id: int) -> HttpResponse:
    """Download what is known of the run: its own facts under `run`, then the report as the task wrote it."""
    run = get_object_or_404(Run.objects.select_related("target", "requested_by"), pk=run_id)
    snapshot = {"snapshot": run.snapshot} if run.snapshot else {}
    answer = JsonResponse(
        {"run": about(run), **run.report, **snapshot}, json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = f'attachment; filename="run-{run.pk}.json"'
    return answer


def about(run: Run) -> dict[str, Any]:
    """The run itself: times in ISO 8601 (UTC), durations in seconds, null where something has not happened."""
    duration = run.duration
    return {
        "id": run.pk,
        "task": run.task,
        "target": run.target.name if run.target else None,
        "state": run.state,
        "verdict": run.verdict,
        "error": run.error,
        "origin": run.origin,
        "requested_by": run.requested_by.username if run.requested_by else None,
        "parameters": run.parameters,
        "dry_run": run.dry_run,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "duration_seconds": round(duration.total_seconds(), 3) if duration else None,
        "timeout_seconds": run.timeout_seconds,
    }
