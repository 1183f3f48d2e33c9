"""What other parts of the product do when a person leaves.

An app registers a function in its module `leaving`: `leaving.register(my_function)`. It takes the person, who is
retired already, and belongs to the transaction of that: what it raises undoes the retirement.
"""

from __future__ import annotations

from collections.abc import Callable

from zbmaint.access.models import Person

Leaver = Callable[[Person], object]
_told: list[Leaver] = []


def register(function: Leaver) -> None:
    """Call `function` for everybody who leaves; registering it again changes nothing."""
    if function not in _told:
        _told.append(function)


def tell(person: Person) -> None:
    """Let everybody who wants to know do their part."""
    for function in _told:
        function(person)
