"""What other parts of the product do when a person leaves.

An app registers a function in its module `leaving`: `leaving.register(my_function)`. It takes the person, who is
retired already, and returns what it did in a sentence, or nothing (""). It belongs to the transaction of the
retirement: what it raises undoes that.
"""

from __future__ import annotations

from collections.abc import Callable

from zbmaint.access.models import Person

Leaver = Callable[[Person], str]
_told: list[Leaver] = []


def register(function: Leaver) -> None:
    """Call `function` for everybody who leaves; registering it again changes nothing."""
    if function not in _told:
        _told.append(function)


def tell(person: Person) -> tuple[str, ...]:
    """Let everybody who wants to know do their part; returns what they did, in sentences."""
    return tuple(filter(None, [function(person) for function in _told]))
