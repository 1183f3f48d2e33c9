"""The periodic work of this app, called by the ticker, and which workers are busy with deliveries."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from incidents import retention
from incidents.actions import counting, deliveries, passing, pausing, statuses
from incidents.measures import rolling as measures
from incidents.models import Delivery, PersonDay, TicketDay
from zbmaint import beat
from zbmaint.queue import canary
from zbmaint.rollup import rolling

beat.register("tickets.clocks", dt.timedelta(seconds=5), passing.record_passed)
beat.register("tickets.resume", dt.timedelta(seconds=10), pausing.resume_ended)
beat.register("tickets.close", dt.timedelta(minutes=10), statuses.close_old)
beat.register("tickets.purge", dt.timedelta(days=1), retention.purge)
beat.register("deliveries.sweep", dt.timedelta(seconds=5), deliveries.sweep)
beat.register("deliveries.early", dt.timedelta(minutes=1), deliveries.forget_early)
beat.register("deliveries.purge", dt.timedelta(days=1), retention.purge_deliveries)
beat.register("tickets.days.purge", dt.timedelta(days=1), retention.purge_days)
beat.register("tickets.counts", dt.timedelta(seconds=10), counting.fold)
rolling.register(measures.KIND, measures.roll, measures.first, (TicketDay, PersonDay), measures.kept)


def busy_pids(host: str) -> list[int]:
    """The workers on `host` that read deliveries: in a storm a canary waits long behind them."""
    rows = Delivery.objects.at_work(timezone.now()).filter(worker__startswith=f"{host}:")
    return [int(worker.rpartition(":")[2]) for worker in rows.values_list("worker", flat=True).distinct().order_by()]


canary.register_busy(busy_pids)
