"""The parts of every page around what it is about, rendered once for what they show.

Sidebar, top bar and dialogs differ from person to person, hardly ever from request to request, and rendering them costs
more than most pages. So each part is rendered once for its `Shown`, and a template of a part is given nothing else:
what it shows is the key, and can never be older than what it shows. What differs at every request (the CSRF token, what
the apps put into slots) are holes in what is kept.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from zbmaint.access.models import Person
from zbmaint.ui import slots

KEPT: Final = 500  # parts in one process, up to 6 KB each
_HOLE: Final = re.compile(r"\x02(csrf|slot:\w+)\x03")


class Shown(NamedTuple):
    """All that a part may show. `section` is the first part of the path, `now` a whole minute; `clock` has the zone,
    place and time of the person's own, and is empty for UTC. Without a person the names are empty."""

    product: str
    section: str
    now: dt.datetime | None
    theme: str
    density: str
    single_keys: bool
    clock: tuple[tuple[str, str], ...]
    username: str
    full_name: str
    everything: bool
    permissions: frozenset[str]


class Owner(NamedTuple):
    """The person as a part may know them."""

    username: str
    full_name: str

    def get_full_name(self) -> str:
        """The name to show where there is room."""
        return self.full_name


class Permissions(NamedTuple):
    """What the person may, as templates ask for it: `perms.incidents.view_ticket`."""

    shown: Shown
    app: str = ""

    def __getitem__(self, name: Any) -> Any:
        if not isinstance(name, str):
            raise TypeError(name)
        if not self.app:
            return Permissions(self.shown, name)
        return self.shown.everything or f"{self.app}.{name}" in self.shown.permissions


def part(template: str, request: HttpRequest, page: Mapping[str, Any]) -> SafeString:
    """The part for whoever asks; `page` has what `zbmaint.ui.context.shell` gives every page."""
    pieces = _rendered(template, _shown(request, page))
    filled = [piece if at % 2 == 0 else _filled(piece, request, page) for at, piece in enumerate(pieces)]
    return mark_safe("".join(filled))  # noqa: S308 - rendered by templates; a token is letters, a slot escapes


def slot_hole(name: str) -> SafeString:
    """What stands in a part for the slot `name`."""
    return mark_safe(f"\x02slot:{name}\x03")  # noqa: S308 - a constant


def _filled(hole: str, request: HttpRequest, page: Mapping[str, Any]) -> str:
    return slots.render(hole.removeprefix("slot:"), request) if hole.startswith("slot:") else str(page["csrf_token"])


def _shown(request: HttpRequest, page: Mapping[str, Any]) -> Shown:
    who = getattr(request, "user", None)
    person = who if isinstance(who, Person) else None
    return Shown(
        product=page["product"],
        section="/".join(request.path.split("/", 2)[:2]) + "/" if request.path != "/" else "/",
        now=page["now"].replace(second=0, microsecond=0),
        theme=page["theme"],
        density=page["density"],
        single_keys=page["single_keys"],
        clock=tuple((page["own_clock"] or {}).items()),
        username=person.username if person else "",
        full_name=person.get_full_name() if person else "",
        everything=person.role.grants_everything if person else False,
        permissions=person.permissions if person else frozenset(),
    )


@lru_cache(maxsize=KEPT)
def _rendered(template: str, shown: Shown) -> list[str]:
    """The part in pieces: every second is the name of what fills the hole."""
    html = get_template(template).render(
        {
            **shown._asdict(),
            "user": Owner(shown.username, shown.full_name),
            "perms": Permissions(shown),
            "own_clock": dict(shown.clock),
            "csrf_token": "\x02csrf\x03",
            "holes": True,
        }
    )
    return _HOLE.split(html)
