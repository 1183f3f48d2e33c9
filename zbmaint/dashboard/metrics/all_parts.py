"""Every metric that `/metrics` tells."""

from __future__ import annotations

import datetime as dt

from zbmaint.dashboard.metrics import counts, parts, services, tasks
from zbmaint.dashboard.metrics.exposition import Family
from zbmaint.prepared import one_journey


def families(now: dt.datetime) -> list[Family]:
    """All of them, as things stand at `now`. What is asked at every scrape is asked at once."""
    with one_journey():
        asked = counts.ask(), tasks.ask(now), services.ask(now), parts.ask(now)
    seen = counts.read(asked[0])
    return [
        *tasks.families(asked[1], now, seen),
        *services.families(asked[2], now, seen),
        *parts.families(asked[3], seen),
    ]
