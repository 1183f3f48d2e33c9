"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from zbmaint import beat
from zbmaint.queue import retention

beat.register("queue.purge", dt.timedelta(days=1), retention.purge)
