"""A team, and a clock on the wall that tests set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from tests.incidents.made import make_team
from tests.incidents.reading import NINE
from zbmaint.access.models import Person


@pytest.fixture
def team(db: None) -> dict[str, Person]:
    """Two people of every tier and a lead."""
    return make_team()


class Wall:
    """The clock on the wall, at nine on a Monday. It stands still until it is told to go on."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self.now = NINE

    def on(self, **length: float) -> dt.datetime:
        """Let it go on by hours, minutes, days. Returns the time."""
        return self.to(self.now + dt.timedelta(**length))

    def to(self, moment: dt.datetime) -> dt.datetime:
        """Set it. Returns the time."""
        self.now = moment
        self._traveller.move_to(moment)
        return moment


@pytest.fixture
def wall() -> Iterator[Wall]:
    """The clock on the wall."""
    with time_machine.travel(NINE, tick=False) as traveller:
        yield Wall(traveller)
