"""The periodic work of this app, called by the ticker, and which workers are busy with notices."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from zbmaint import beat
from zbmaint.notifications import retention
from zbmaint.notifications.models import Notice
from zbmaint.notifications.sweep import sweep
from zbmaint.queue import canary

beat.register("notices.sweep", dt.timedelta(seconds=2), sweep)
beat.register("notices.purge", dt.timedelta(days=1), retention.purge)


def busy_pids(host: str) -> list[int]:
    """The workers on `host` that deliver: behind a row of slow deliveries a canary waits long."""
    rows = Notice.objects.at_work(timezone.now()).filter(worker__startswith=f"{host}:")
    return [int(worker.rpartition(":")[2]) for worker in rows.values_list("worker", flat=True).distinct().order_by()]


canary.register_busy(busy_pids)
