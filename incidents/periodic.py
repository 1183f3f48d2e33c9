"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from incidents import retention
from incidents.actions import counting, deliveries, passing, pausing, statuses
from zbmaint import beat

beat.register("tickets.clocks", dt.timedelta(seconds=5), passing.record_passed)
beat.register("tickets.resume", dt.timedelta(seconds=10), pausing.resume_ended)
beat.register("tickets.close", dt.timedelta(minutes=10), statuses.close_old)
beat.register("tickets.purge", dt.timedelta(days=1), retention.purge)
beat.register("deliveries.sweep", dt.timedelta(seconds=5), deliveries.sweep)
beat.register("deliveries.early", dt.timedelta(minutes=1), deliveries.forget_early)
beat.register("deliveries.purge", dt.timedelta(days=1), retention.purge_deliveries)
beat.register("tickets.counts", dt.timedelta(seconds=10), counting.fold)
