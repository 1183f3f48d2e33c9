"""Every metric that `/metrics` tells."""

from __future__ import annotations

import datetime as dt
from typing import Final

from maintenance.kpis import service_days
from zbmaint.dashboard.metrics import parts, services, tasks
from zbmaint.dashboard.metrics.exposition import Family
from zbmaint.prepared import Prepared
from zbmaint.rollup.models import Rolled

_EDITIONS: Final = Prepared(lambda: Rolled.objects.order_by().values_list("kind", "edition"))


def families(now: dt.datetime) -> list[Family]:
    """All of them, as things stand at `now`."""
    editions = dict(_EDITIONS.rows())
    return [
        *tasks.families(now, editions.get("runs", 0)),
        *services.families(now, editions.get(service_days.KIND, 0)),
        *parts.families(now),
    ]
