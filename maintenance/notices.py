"""What maintenance tells the world outside: ends of runs and health, to the webhook; windows, to stakeholders."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from incidents.notices import stakeholders
from maintenance.models import HealthReport, MaintenanceWindow, Run
from zbmaint.notifications import outbox
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import webhook
from zbmaint.ui.words import moment

RUN_FINISHED: Final = "maintenance.run_finished"
HEALTH_REPORT: Final = "health.report"
WINDOW_APPROVED: Final = "window.approved"
WINDOW_WITHDRAWN: Final = "window.withdrawn"


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


def window_approved(window: MaintenanceWindow) -> None:
    """Tell the stakeholders that services may be down, in the caller's transaction."""
    names = _names(window)
    says = "may be down" if window.ends_at > timezone.now() else "were worked on"
    _tell_of_window(
        window,
        WINDOW_APPROVED,
        subject=f"Planned work: {window.reason}",
        text=f"From {moment(window.begins_at)} until {moment(window.ends_at)} {names} {says}: {window.reason}",
        by=["Approved by", str(window.approved_by)],
    )


def window_withdrawn(window: MaintenanceWindow) -> None:
    """Tell them that the work is not done, or not any more; who has not been told yet is told only this."""
    outbox.cancel(
        topic=topic_of_window(window), kinds=[WINDOW_APPROVED], why=f"{window.withdrawn_by} has withdrawn it."
    )
    _tell_of_window(
        window,
        WINDOW_WITHDRAWN,
        subject=f"Not any more: {window.reason}",
        text=f"The work on {_names(window)} that was planned from {moment(window.begins_at)} is withdrawn.",
        by=["Withdrawn by", str(window.withdrawn_by)],
    )


def topic_of_window(window: MaintenanceWindow) -> str:
    """What the notices about a window are filed under."""
    return f"window:{window.pk}"


def _tell_of_window(window: MaintenanceWindow, kind: str, *, subject: str, text: str, by: list[str]) -> None:
    stakeholders.tell_all(
        kind,
        event=f"{topic_of_window(window)}:{kind}",
        topic=topic_of_window(window),
        subject=subject,
        payload={
            "text": text,
            "facts": [
                ["Services", _names(window)],
                ["From", moment(window.begins_at)],
                ["Until", moment(window.ends_at)],
                ["Asked for by", str(window.requested_by)],
                by,
            ],
            "url": reverse("windows"),
            "many": "maintenance windows",
            "many_url": reverse("windows"),
        },
        occurred_at=timezone.now(),
    )


def _names(window: MaintenanceWindow) -> str:
    return ", ".join(window.services.order_by("name").values_list("name", flat=True))
