"""The overview's figures: KPIs of the last 30 days, today included."""

from __future__ import annotations

import datetime as dt
from typing import Final

from maintenance.kpis.period import Period
from maintenance.kpis.values import Values, read

from zbmaint.rollup import days

DAYS: Final = 30


def read_figures(now: dt.datetime) -> Values:
    """The KPIs; what was read of the same roll-ups before is not read again."""
    today = days.day_of(now)
    return read(Period(today - (DAYS - 1) * days.A_DAY, today))
