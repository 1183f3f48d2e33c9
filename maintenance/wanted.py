"""What the outbox asks the machines' floor: what the topics of runs and of health reports are called."""

from __future__ import annotations

from django.urls import reverse

from zbmaint.notifications import topics


def link(rest: str) -> tuple[str, str]:
    """What the topic of a run is called, and its page."""
    return f"Run {rest}", reverse("run", args=[rest])


def health_report(rest: str) -> tuple[str, str]:
    """What the topic of a health report is called, and its page."""
    return f"Health report {rest}", reverse("health_report", args=[rest])


topics.register("run", link)
topics.register("health-report", health_report)
