"""Page slots: places on pages that any app may fill, so that an upper floor is seen on a page of a lower one.

An app registers a function in its AppConfig.ready(): `slots.register("banners", my_banner)`. The function takes the
request and returns a fragment of HTML (from render_to_string, or format_html) or None.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

Filler = Callable[[HttpRequest], SafeString | None]
NAMES = frozenset({"banners", "nav_notices", "queue_views", "search_results"})
_fillers: dict[str, list[Filler]] = {name: [] for name in NAMES}


def register(name: str, filler: Filler) -> None:
    """Let `filler` fill the slot `name` (KeyError: there is none); registering it again changes nothing."""
    if filler not in _fillers[name]:
        _fillers[name].append(filler)


def unregister(name: str, filler: Filler) -> None:
    """Take `filler` out of the slot again."""
    _fillers[name].remove(filler)


def render(name: str, request: HttpRequest) -> SafeString:
    """The fragments of slot `name`, in the order of registration."""
    parts = (filler(request) for filler in _fillers[name])
    return format_html_join("\n", "{}", ((part,) for part in parts if part is not None))
