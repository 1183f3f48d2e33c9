"""What notices say on every page: in the navigation, that some were given up."""

from __future__ import annotations

import time
from threading import Lock

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zbmaint.notifications.views.notice_list import dead_count
from zbmaint.ui import slots

_lock = Lock()
_count = 0
_counted_at = float("-inf")


def dead_as_seen() -> int:
    """How many are dead, as counted within the last STUCK_BANNER_SECONDS: a page must not cost a count."""
    global _count, _counted_at  # one short memory for a whole web process is what is meant
    with _lock:
        if time.monotonic() - _counted_at >= settings.STUCK_BANNER_SECONDS:
            _count, _counted_at = dead_count(), time.monotonic()
        return _count


def dead_mark(_request: HttpRequest) -> SafeString | None:
    """A red dot, with how many for screen readers; None without any."""
    count = dead_as_seen() if settings.STUCK_BANNER_SECONDS > 0 else 0
    if not count:
        return None
    return format_html(
        ' <span class="dot" data-state="dead"></span><span class="visually-hidden">, {} not delivered</span>', count
    )


slots.register("nav_notices", dead_mark)
