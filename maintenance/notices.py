"""What maintenance tells the world outside, by the monitoring webhook: the end of a run, and how the platform is."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from maintenance.models import HealthReport, Run
from zbmaint.notifications import outbox
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import webhook

RUN_FINISHED: Final = "maintenance.run_finished"
HEALTH_REPORT: Final = "health.report"


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


def health_reported(report: HealthReport) -> None:
    """Post a health report, in the caller's transaction; nothing without a webhook."""
    outbox.post_to_webhook(
        HEALTH_REPORT,
        event=f"health-report:{report.pk}",
        topic=f"health-report:{report.pk}",
        payload=as_json(report),
        occurred_at=report.at,
    )


def as_json(report: HealthReport) -> dict[str, Any]:
    """The report as the webhook and its own address give it: its number, page and changes, and its content."""
    return {
        "report": report.pk,
        "url": settings.PUBLIC_URL + report.get_absolute_url(),
        "run": report.run_id,
        **report.content,
        "changes": report.changes,
    }
