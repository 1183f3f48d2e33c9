"""How many runs may be at work at once."""

from __future__ import annotations

from django.conf import settings

from zbmaint.queue.presence import alive


def capacity() -> int:
    """How many runs the live workers of the long queue carry side by side."""
    return alive("worker", "long").count() * int(settings.LONG_WORKERS)
