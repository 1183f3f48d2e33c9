"""What maintenance tells the world outside: the end of a run, to the monitoring webhook."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from maintenance.models import Run
from zbmaint.notifications import outbox
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import webhook

RUN_FINISHED: Final = "maintenance.run_finished"


def run_finished(run: Run) -> None:
    """Post the end of `run` with its report, in the caller's transaction; nothing of a dry run or without webhook."""
    if run.dry_run:
        return
    outbox.post_to_webhook(
        RUN_FINISHED,
        event=f"{topic(run)}:finished",
        topic=topic(run),
        payload=about(run),
        occurred_at=run.finished_at or timezone.now(),
    )


def topic(run: Run) -> str:
    """What the notices about a run are filed under."""
    return f"run:{run.pk}"


def about(run: Run) -> dict[str, Any]:
    """The `data` of the event: times in ISO 8601 (UTC), a duration in seconds, null where nothing happened."""
    duration = run.duration
    return {
        "run": run.pk,
        "task": run.task,
        "target": run.target.name if run.target else None,
        "state": run.state,
        "verdict": run.verdict,
        "error": run.error,
        "url": settings.PUBLIC_URL + run.get_absolute_url(),
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "duration_seconds": round(duration.total_seconds(), 3) if duration else None,
        "report": run.report,
    }


def webhook_notice(run: Run) -> Notice | None:
    """The notice about the end of `run`; None when there is none."""
    return Notice.objects.filter(topic=topic(run), transport=webhook.KEY).defer("payload").first()
