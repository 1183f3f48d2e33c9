"""The banner on every page that says which part of the product itself does not work."""

from __future__ import annotations

import time
from threading import Lock

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from maintenance.checkup import Part, parts

_lock = Lock()
_seen: list[Part] = []
_seen_at = float("-inf")


def stuck_parts() -> list[Part]:
    """The parts that do not work, as seen within the last STUCK_BANNER_SECONDS: a page must not cost a check-up."""
    global _seen, _seen_at  # one short memory for a whole web process is what is meant
    with _lock:
        if time.monotonic() - _seen_at >= settings.STUCK_BANNER_SECONDS:
            _seen, _seen_at = [part for part in parts() if not part.ok], time.monotonic()
        return _seen


def banner(request: HttpRequest) -> SafeString | None:
    """The banner for signed-in people; None while every part works."""
    if not request.user.is_authenticated or settings.STUCK_BANNER_SECONDS <= 0:
        return None
    seen = stuck_parts()
    return render_to_string("dashboard/stuck.html", {"parts": seen}) if seen else None
