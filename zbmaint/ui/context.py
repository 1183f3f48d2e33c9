"""What the shell (`templates/base.html`) needs on every page."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from zbmaint.access.models import Density, Person, Theme

PRODUCT = "ZbInnovation Operations"
THEME_COOKIE = "theme"
YEAR = 365 * 24 * 3600
Answer = TypeVar("Answer", bound=HttpResponse)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: product name, server time, theme (`light`, `dark` or empty for the device's), density.

    A signed-in person's profile decides the theme; the cookie carries it to the pages before sign-in.
    """
    # Error pages are also rendered for requests that failed before anybody was looked up.
    who = getattr(request, "user", None)
    person = who if isinstance(who, Person) else None
    theme = person.theme if person else request.COOKIES.get(THEME_COOKIE, "")
    now = timezone.now()
    return {
        "product": PRODUCT,
        "frame": "base.html" if person else "ui/plain.html",
        "now": now,
        "theme": theme if theme in (Theme.LIGHT, Theme.DARK) else "",
        "density": person.density if person else Density.COMPACT,
        "single_keys": person.single_keys if person else False,
        "own_clock": own_clock(now, person.time_zone) if person else None,
    }


def own_clock(now: dt.datetime, time_zone: str) -> dict[str, str] | None:
    """The time in a person's own zone, to stand beside UTC; None for UTC itself and for a zone that is gone."""
    try:
        zone = zoneinfo.ZoneInfo(time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None
    if time_zone == "UTC":
        return None
    place = time_zone.rpartition("/")[2].replace("_", " ")
    return {"zone": time_zone, "place": place, "time": f"{now.astimezone(zone):%H:%M}"}


def keep_theme(answer: Answer, theme: str) -> Answer:
    """Set the cookie that carries a person's theme to the pages before sign-in; `system` takes it away."""
    if theme not in (Theme.LIGHT, Theme.DARK):
        answer.delete_cookie(THEME_COOKIE, samesite="Lax")
        return answer
    secure = settings.SESSION_COOKIE_SECURE
    answer.set_cookie(THEME_COOKIE, theme, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return answer
