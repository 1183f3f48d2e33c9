"""What maintenance tells: ends of runs to the monitoring webhook, windows to stakeholders, reports to their readers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from incidents.notices import reports, stakeholders
from incidents.notices.audience import Reader
from incidents.rules import notifying, severities
from maintenance.models import HealthReport, MaintenanceWindow, Run, WeeklyReport
from maintenance.rules import probe_states, weekly_letter
from zbmaint.notifications import outbox
from zbmaint.notifications import rules as notice_rules
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import webhook
from zbmaint.rollup import days
from zbmaint.ui.words import label, moment

RUN_FINISHED: Final = "maintenance.run_finished"
WEEKLY_REPORT: Final = "maintenance.weekly_report"
HEALTH_REPORTED: Final = "health.report"
WINDOW_APPROVED: Final = "window.approved"
WINDOW_WITHDRAWN: Final = "window.withdrawn"
HEALTH_REPORT: Final = "maintenance.health_report"


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
        HEALTH_REPORTED,
        event=health_topic(report),
        topic=health_topic(report),
        payload=as_json(report),
        occurred_at=report.at,
    )


def health_topic(report: HealthReport) -> str:
    """What the notices about a health report are filed under."""
    return f"health-report:{report.pk}"


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


def told_of_window(window: MaintenanceWindow) -> int:
    """To how many stakeholders a notice was made that the window is approved, whatever has become of it."""
    return Notice.objects.filter(topic=topic_of_window(window), kind=WINDOW_APPROVED).count()


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


def weekly_report(report: WeeklyReport) -> None:
    """Send a frozen report to everybody who gets it, in the caller's transaction: once to each by each channel."""
    readers = reports.readers(notifying.WEEKLY, report.frozen_at)
    outbox.post_all([_weekly(report, reader, report.frozen_at) for reader in readers])


def weekly_report_to(report: WeeklyReport, addresses: Iterable[str], *, because: str, at: dt.datetime) -> None:
    """Send a frozen report by e-mail to `addresses`, with why they get it. One that has it already gets no other."""
    readers = (Reader(notifying.WEEKLY, reports.READER, notifying.EMAIL, address, why=because) for address in addresses)
    outbox.post_all([_weekly(report, reader, at) for reader in readers])


def weekly_notices(report: WeeklyReport) -> list[Notice]:
    """Every notice by which the report was or will be sent, the first one first."""
    found = Notice.objects.filter(topic=weekly_topic(report.week), kind=WEEKLY_REPORT)
    return list(found.select_related("person").defer("payload").order_by("created_at", "recipient"))


def have_weekly_report(report: WeeklyReport) -> set[str]:
    """The e-mail addresses, in small letters, to which it was sent or will be."""
    sent = (each for each in weekly_notices(report) if each.transport == notifying.EMAIL)
    return {(each.person.email if each.person else each.recipient).lower() for each in sent}


def weekly_topic(week: str) -> str:
    """What the notices about the report of a week are filed under."""
    return f"weekly_report:{week}"


def _weekly(report: WeeklyReport, reader: Reader, at: dt.datetime) -> outbox.Message:
    by_mail = reader.channel == notifying.EMAIL
    says = weekly_letter.whole(report.content) if by_mail else weekly_letter.brief(report.content)
    about = {"url": reverse("report", args=[report.week]), "many": "weekly reports", "many_url": reverse("reports")}
    subject = weekly_letter.subject(report.content)
    return _message(reader, weekly_topic(report.week), subject, {**says, **about}, at)


def tell_of_health(report: HealthReport) -> None:
    """Send a health report, in the caller's transaction, to those who chose to be told when the health of the platform
    changes, if it is another than in the report before, and to those who chose one a day, if it is the day's first.

    Whoever chose both gets one. That the platform is down waits for no quiet hours.
    """
    before = HealthReport.objects.filter(at__lt=report.at).order_by("-at", "-id").first()
    changed = before is not None and before.overall != report.overall
    severity = severities.CRITICAL if changed and report.overall == probe_states.DOWN else severities.LOW
    told = reports.readers(notifying.HEALTH, report.at, severity) if changed else []
    known = {(reader.channel, reader.address) for reader in told}
    day = days.day_of(report.at)
    is_first = not HealthReport.objects.filter(at__gte=days.begins(day), at__lt=report.at).exists()
    daily = reports.readers(notifying.HEALTH_DAILY, report.at) if is_first else []
    subject = f"The platform is {report.overall} now" if changed else f"Health report: {report.overall}"
    says = _of_health(report)
    topic = health_topic(report)
    messages = [_message(each, topic, subject, says, report.at) for each in told]
    messages += [
        _message(each, topic, f"Health report: {report.overall}", says, report.at, event=f"health-report:{day}")
        for each in daily
        if (each.channel, each.address) not in known
    ]
    outbox.post_all(messages)


def _of_health(report: HealthReport) -> dict[str, Any]:
    parts = ((key, part) for key, part in report.content.items() if isinstance(part, Mapping) and "status" in part)
    return {
        "text": f"The platform is {report.overall}, as of {moment(report.at)}.",
        "facts": [[label(key), label(str(part["status"]))] for key, part in parts],
        "lines": list(report.changes),
        "url": report.get_absolute_url(),
        "many": "health reports",
        "many_url": reverse("health"),
    }


def _message(
    reader: Reader, topic: str, subject: str, says: Mapping[str, Any], at: dt.datetime, *, event: str = ""
) -> outbox.Message:
    """A message to one reader; without another one the topic is the event, for it is told once."""
    return outbox.Message(
        kind=WEEKLY_REPORT if reader.event == notifying.WEEKLY else HEALTH_REPORT,
        event=event or topic,
        topic=topic,
        subject=subject,
        transport=reader.channel,
        recipient=reader.address,
        payload={**says, "because": reader.why},
        occurred_at=at,
        person_id=reader.person.pk if reader.person else None,
        priority=notice_rules.LATER,
        not_before=reader.not_before,
    )
