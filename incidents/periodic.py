"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from incidents import retention
from zbmaint import beat

beat.register("tickets.purge", dt.timedelta(days=1), retention.purge)
