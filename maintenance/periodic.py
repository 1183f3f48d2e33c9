"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from maintenance import retention
from maintenance.actions import planning
from maintenance.runner import dispatcher, reaper
from zbmaint import beat

beat.register("schedules.1-plan", dt.timedelta(seconds=settings.TICK_SECONDS), planning.plan_due)
beat.register("schedules.2-dispatch", dt.timedelta(seconds=settings.TICK_SECONDS), dispatcher.dispatch_due)
beat.register("schedules.repair", dt.timedelta(minutes=5), planning.repair)
beat.register("runs.reap", dt.timedelta(seconds=settings.RUN_LEASE_SECONDS / 4), reaper.reap)
beat.register("runs.purge", dt.timedelta(days=1), retention.purge)
