"""Where the search box of the top bar may lead: an app registers a function that knows an address for what was typed.

An app registers it in its module `search`, which is imported when the product starts.
"""

from __future__ import annotations

from collections.abc import Callable

from zbmaint.access.models import Person

Finder = Callable[[str, Person], str | None]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Ask `finder`, too: it takes what was typed and who asks, and returns a path or None. Twice is as once."""
    if finder not in _finders:
        _finders.append(finder)


def find(text: str, person: Person) -> str | None:
    """The path of the one thing that `text` means to the first who knows it; None when nobody does."""
    return next(filter(None, (finder(text, person) for finder in _finders)), None)
