"""What the outbox asks the machines' floor: what the topics of runs, maintenance windows and reports are called."""

from __future__ import annotations

from django.urls import reverse

from maintenance.rules.weeks import said
from zbmaint.notifications import topics


def link(rest: str) -> tuple[str, str]:
    """What the topic of a run is called, and its page."""
    return f"Run {rest}", reverse("run", args=[rest])


def health_report(rest: str) -> tuple[str, str]:
    """What the topic of a health report is called, and its page."""
    return f"Health report {rest}", reverse("health_report", args=[rest])


def link_to_windows(rest: str) -> tuple[str, str]:
    """What the topic of a maintenance window is called, and the page of them all."""
    return f"Maintenance window {rest}", reverse("windows")


def link_to_week(rest: str) -> tuple[str, str]:
    """What the topic of a weekly report is called, and its page."""
    return said(rest), reverse("report", args=[rest])


topics.register("run", link)
topics.register("health-report", health_report)
topics.register("window", link_to_windows)
topics.register("weekly_report", link_to_week)
