"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from zbmaint import beat
from zbmaint.audit import retention

beat.register("audit.purge", dt.timedelta(days=1), retention.purge)
