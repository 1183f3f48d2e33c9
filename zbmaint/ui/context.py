"""What the shell (`templates/base.html`) needs on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zbmaint.access.models import Density, Person, Theme

PRODUCT = "ZbInnovation Operations"
THEME_COOKIE = "theme"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: product name, server time, theme (`light`, `dark` or empty for the device's), density.

    A signed-in person's profile decides the theme; the cookie carries it to the pages before sign-in.
    """
    # Error pages are also rendered for requests that failed before anybody was looked up.
    who = getattr(request, "user", None)
    person = who if isinstance(who, Person) else None
    theme = person.theme if person else request.COOKIES.get(THEME_COOKIE, "")
    return {
        "product": PRODUCT,
        "now": timezone.now(),
        "theme": theme if theme in (Theme.LIGHT, Theme.DARK) else "",
        "density": person.density if person else Density.COMPACT,
        "single_keys": person.single_keys if person else False,
    }
