"""A desk that is generated once for all tests of a class."""

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
    """60 days until NOW, with so many tickets of people."""

    tickets = TICKETS

    def setUp(self) -> None:
        """It is NOW: whether a pause goes on depends on it."""
        self.enterContext(time_machine.travel(NOW, tick=False))

    @classmethod
    def setUpTestData(cls) -> None:
        """Generate it."""
        create_first_admin("correct horse battery staple")
        generate(Period(60, 1, NOW), 120, cls.tickets)
