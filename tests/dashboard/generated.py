"""A desk that is generated once for all tests of a class, which may come from several modules."""

from __future__ import annotations

import datetime as dt

import time_machine
from django.test import TestCase

from zbmaint.access.actions.people import create_first_admin
from zbmaint.dashboard.demo.history import generate
from zbmaint.dashboard.demo.period import Period

NOW = dt.datetime(2026, 4, 8, 11, 30, tzinfo=dt.UTC)
TICKETS = 1_200


class GeneratedDesk(TestCase):
    """60 days until NOW, with so many tickets of people. Tests are added by classes that it inherits from as well."""

    def __init_subclass__(cls) -> None:
        """Refuse two tests of one name: Python would silently run only the first of them."""
        super().__init_subclass__()
        names = [name for base in cls.__mro__ for name in vars(base) if name.startswith("test_")]
        twice = {name for name in names if names.count(name) > 1}
        assert not twice, twice

    def setUp(self) -> None:
        """It is NOW: whether a pause goes on depends on it."""
        self.enterContext(time_machine.travel(NOW, tick=False))

    @classmethod
    def setUpTestData(cls) -> None:
        """Generate it."""
        create_first_admin("correct horse battery staple")
        generate(Period(60, 1, NOW), 120, TICKETS)
