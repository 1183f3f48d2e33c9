"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from maintenance import retention
from maintenance.actions import app_metrics, planning, timelines
from maintenance.kpis import finding_days, run_days, service_days, task_categories
from maintenance.models import FindingDay, Run, RunDay, ServiceDay
from maintenance.rules import run_states
from maintenance.runner import dispatcher, reaper
from maintenance.tasks.catalog import CATALOG
from zbmaint import beat
from zbmaint.queue import canary
from zbmaint.rollup import rolling

beat.register("schedules.1-plan", dt.timedelta(seconds=settings.TICK_SECONDS), planning.plan_due)
beat.register("schedules.2-dispatch", dt.timedelta(seconds=settings.TICK_SECONDS), dispatcher.dispatch_due)
beat.register("schedules.repair", dt.timedelta(minutes=5), planning.repair)
beat.register("runs.reap", dt.timedelta(seconds=settings.RUN_LEASE_SECONDS / 4), reaper.reap)
beat.register("runs.purge", dt.timedelta(days=1), retention.purge)
beat.register("metrics.own", dt.timedelta(minutes=1), app_metrics.keep_own)
# Every hour, so that it is never much at a time.
beat.register("readings.purge", dt.timedelta(hours=1), retention.purge_readings)
# By its name it comes before the days are rolled up, which are made of it.
beat.register("readings.fold", dt.timedelta(minutes=1), timelines.fold_readings)
rolling.register(service_days.KIND, service_days.roll, service_days.first, (ServiceDay,), service_days.kept)
task_categories.register({key: task.category for key, task in CATALOG.items()})
rolling.register("runs", run_days.roll, run_days.first, (RunDay,), run_days.kept)
rolling.register("findings", finding_days.roll, finding_days.first, (FindingDay,), finding_days.kept)


def busy_pids(host: str) -> list[int]:
    """The workers on `host` that carry out a run whose lease holds."""
    since = timezone.now() - dt.timedelta(seconds=2 * settings.RUN_LEASE_SECONDS)
    rows = Run.objects.filter(state=run_states.RUNNING, worker__startswith=f"{host}:", heartbeat_at__gte=since)
    return [int(worker.rpartition(":")[2]) for worker in rows.values_list("worker", flat=True)]


canary.register_busy(busy_pids)
