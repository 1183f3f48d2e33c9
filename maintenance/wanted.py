"""What the outbox asks the machines' floor: what the topic of a run is called."""

from __future__ import annotations

from django.urls import reverse

from zbmaint.notifications import topics


def link(rest: str) -> tuple[str, str]:
    """What the topic of a run is called, and its page."""
    return f"Run {rest}", reverse("run", args=[rest])


topics.register("run", link)
