"""What the people's floor does when somebody leaves."""

from __future__ import annotations

from incidents.actions import assignment, tiers
from zbmaint.access import leaving
from zbmaint.access.models import Person


def tickets(person: Person) -> str:
    """Let their open tickets be claimed."""
    count = assignment.person_left(person)
    if not count:
        return ""
    return (
        "An open ticket of theirs can be claimed now." if count == 1 else f"Their {count} open tickets can be claimed."
    )


def on_call(person: Person) -> str:
    """Take them off call."""
    left = tiers.person_left(person)
    return f"Nobody is on call for {' and '.join(map(str, left)).lower()} now." if left else ""


leaving.register(tickets)
leaving.register(on_call)
