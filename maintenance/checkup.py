"""Is the product itself at work: the parts, what each says, and whether something is stuck."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.utils import timezone

from incidents.models import Delivery
from incidents.models.delivery import State
from maintenance.models import Probe, Run, Schedule
from maintenance.rules import run_states
from maintenance.rules.probe_states import NO_NETWORK
from zbmaint.notifications.models import Notice
from zbmaint.queue import canary
from zbmaint.queue.capacity import capacity
from zbmaint.queue.door import QueueName
from zbmaint.queue.presence import alive
from zbmaint.rollup import rolling
from zbmaint.rollup.models import Rolled

# A queued run that waits longer than this with a worker alive means that the worker is stuck or busy beyond its means.
LONGEST_WAIT = dt.timedelta(minutes=5)
# A due time without a row for this long means that nobody plans.
PLANNING_DELAY = dt.timedelta(minutes=2)
# A probe whose time passed this long ago is read by nobody.
PROBE_DELAY = dt.timedelta(minutes=2)
# Figures are rolled up every minute; a day of a long history may take some of them.
ROLL_DELAY = dt.timedelta(minutes=15)
SERVED_QUEUES: tuple[QueueName, ...] = ("long", "short")


@dataclass(frozen=True)
class Part:
    """One part of the product: whether it works, and one sentence that says what was seen."""

    name: str
    ok: bool
    says: str


def check_database() -> Part:
    """Our own database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as problem:
        connection.close()
        return Part("database", False, f"does not answer ({type(problem).__name__})")
    return Part("database", True, "answers")


def check_cache() -> Part:
    """Redis answers, within two seconds."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError as problem:
        return Part("cache", False, f"does not answer ({type(problem).__name__})")
    return Part("cache", True, "answers")


def check_workers() -> Part:
    """Every served queue has a live worker."""
    silent = [queue for queue in SERVED_QUEUES if not alive("worker", queue).exists()]
    if silent:
        return Part("workers", False, f"no worker for queue {', '.join(silent)}: start `manage.py worker {silent[0]}`")
    return Part("workers", True, f"{alive('worker').count()} alive")


def check_ticker() -> Part:
    """A ticker is alive."""
    count = alive("ticker").count()
    return Part("ticker", count > 0, f"{count} alive" if count else "silent: start `manage.py ticker`")


def check_prober() -> Part:
    """A prober is alive and reads in time, if there is anything to read."""
    late_since = timezone.now() - PROBE_DELAY
    probes = Probe.objects.active().aggregate(all=Count("pk"), late=Count("pk", filter=Q(next_at__lt=late_since)))
    if not probes["all"]:
        return Part("prober", True, "nothing to look at")
    probers = alive("prober").aggregate(all=Count("pk"), blind=Count("pk", filter=Q(note__startswith=NO_NETWORK)))
    if not probers["all"]:
        return Part("prober", False, "silent: start `manage.py prober`")
    if probers["blind"] == probers["all"]:
        return Part("prober", False, "without a network: none of PROBER_ANCHORS answers, so that no outage can be told")
    if probes["late"]:
        return Part("prober", False, f"{probes['late']} of {probes['all']} probes are not read in time")
    blind = f", {probers['blind']} without a network" if probers["blind"] else ""
    return Part("prober", True, f"{probers['all']} alive{blind}")


def check_queue() -> Part:
    """No run has been waiting for too long."""
    oldest = Run.objects.filter(state=run_states.QUEUED).order_by("queued_at").first()
    if oldest is None:
        return Part("queue", True, "empty")
    waited = timezone.now() - oldest.queued_at
    says = f"run {oldest.pk} has waited {int(waited.total_seconds())} s"
    return Part("queue", waited <= LONGEST_WAIT, says)


def check_notices() -> Part:
    """No notice has been waiting for too long beyond its time. One that fails has its next time, and is not stuck."""
    now = timezone.now()
    late = Notice.objects.waiting().filter(next_attempt_at__lt=now - LONGEST_WAIT).first_of_their_topic().count()
    return Part(
        "notices", not late, f"{late} due for {LONGEST_WAIT.seconds // 60} minutes" if late else "leave in time"
    )


def check_deliveries() -> Part:
    """No delivery of an alert source has been waiting for too long."""
    late = Delivery.objects.filter(state=State.RECEIVED, received_at__lt=timezone.now() - LONGEST_WAIT).count()
    says = f"{late} of alert sources wait for {LONGEST_WAIT.seconds // 60} minutes" if late else "are read in time"
    return Part("deliveries", not late, says)


def check_canary() -> Part:
    """What is sent through a queue comes out at the other end, unless every worker is busy."""
    for queue in SERVED_QUEUES:
        waited = canary.oldest(queue)
        if waited > settings.CANARY_PATIENCE_SECONDS and not _all_busy(queue):
            return Part("canary", False, f"nothing came out of queue {queue} for {waited:.0f} s: its workers are stuck")
    return Part("canary", True, "comes back")


def _all_busy(queue: QueueName) -> bool:
    if queue == "short":
        now = timezone.now()
        return Notice.objects.at_work(now).exists() or Delivery.objects.at_work(now).exists()
    return queue == "long" and Run.objects.filter(state=run_states.RUNNING).count() >= capacity()


def check_schedules() -> Part:
    """Every schedule is planned: none is in error, and none is behind."""
    wrong = [schedule.name for schedule in Schedule.objects.active().exclude(error="")]
    if wrong:
        return Part("schedules", False, f"in error: {', '.join(wrong)}")
    behind = Schedule.objects.active().filter(next_due_at__lt=timezone.now() - PLANNING_DELAY).count()
    return Part("schedules", not behind, f"{behind} are due and not planned" if behind else "planned")


def check_figures() -> Part:
    """What pages of figures are made of is rolled up in time, and in the time zone of reports."""
    rolled = Rolled.objects.filter(kind__in=rolling.kinds(), at__isnull=False).order_by("at")
    stand = list(rolled.values_list("at", "zone"))
    others = {zone for _, zone in stand} - {settings.REPORT_TIME_ZONE}
    if others:
        says = f"stand still: days were rolled in {others.pop()}, and REPORT_TIME_ZONE is {settings.REPORT_TIME_ZONE}"
        return Part("figures", False, f"{says}. Run `manage.py rollup --rebuild`, or set it back")
    behind = [at for at, _ in stand if at is not None and at < timezone.now() - ROLL_DELAY]
    says = f"not rolled up since {behind[0]:%Y-%m-%d %H:%M} UTC" if behind else "rolled up"
    return Part("figures", not behind, says)


CHECKS: tuple[Callable[[], Part], ...] = (
    check_database,
    check_cache,
    check_workers,
    check_ticker,
    check_prober,
    check_queue,
    check_notices,
    check_deliveries,
    check_canary,
    check_schedules,
    check_figures,
)


def parts() -> list[Part]:
    """All parts. Without the database only what needs none is asked."""
    first = check_database()
    if not first.ok:
        return [first, check_cache()]
    return [first, *(check() for check in CHECKS[1:])]
