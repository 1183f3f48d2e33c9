"""KPIs read from the days."""

from __future__ import annotations

import datetime as dt

import pytest

from maintenance.kpis import values
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.period import Period
from maintenance.kpis.value import Filters

pytestmark = pytest.mark.django_db
WEEK = Period.week("2026-W14")


def test_without_any_day_nothing_is_known() -> None:
    read = values.read(WEEK)
    assert list(read) == list(KPIS)
    assert {value.value for value in read.values()} == {None}
    assert read.flat() == {
        "from": "2026-03-30",
        "to": "2026-04-05",
        "week_starting": "2026-03-30",
        **dict.fromkeys(KPIS, None),
    }
