"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from zbmaint import beat
from zbmaint.rollup import rolling

beat.register("rollup", dt.timedelta(minutes=1), rolling.roll_stale)
