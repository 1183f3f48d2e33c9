"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from maintenance import retention
from maintenance.runner import reaper
from zbmaint import beat

beat.register("runs.reap", dt.timedelta(seconds=settings.RUN_LEASE_SECONDS / 4), reaper.reap)
beat.register("runs.purge", dt.timedelta(days=1), retention.purge)
