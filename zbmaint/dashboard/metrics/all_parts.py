"""Every metric that `/metrics` tells."""

from __future__ import annotations

import datetime as dt

from zbmaint.dashboard.metrics import parts, services, tasks
from zbmaint.dashboard.metrics.counts import read_counts
from zbmaint.dashboard.metrics.exposition import Family


def families(now: dt.datetime) -> list[Family]:
    """All of them, as things stand at `now`."""
    counts = read_counts()
    return [*tasks.families(now, counts), *services.families(now, counts), *parts.families(now, counts)]
