"""The desk: people in their tiers, signed in, and a ticket that they work on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from incidents.actions.opening import Draft, open_ticket
from incidents.models import Ticket
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]


@pytest.fixture
def desk(people: dict[str, Person]) -> dict[str, Person]:
    """The cast, with tier 1, 2 and 3 in their tiers."""
    for number in (1, 2, 3):
        people[f"tier{number}"].tier = number
        people[f"tier{number}"].save()
    return people


@pytest.fixture
def ticket(desk: dict[str, Person]) -> Ticket:
    """A high one in tier 1 that nobody has."""
    draft = Draft("Mail is late", "Rudo", "It **waits**", "high", tags=("mail",))
    return open_ticket(draft, actor=desk["viewer"])


@pytest.fixture
def one(client_as: SignIn, desk: dict[str, Person]) -> Client:
    """The browser of tier 1."""
    return client_as("tier1")


@pytest.fixture
def two(client_as: SignIn, desk: dict[str, Person]) -> Client:
    """The browser of tier 2."""
    return client_as("tier2")
