"""All that `ops_status` prints: the parts of the product, its processes, its queues."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from maintenance.checkup import parts
from maintenance.models import Occurrence, Run
from maintenance.rules import run_states
from zbmaint.queue import canary
from zbmaint.queue.door import QUEUES
from zbmaint.queue.presence import alive


def status() -> dict[str, Any]:
    """Everything that `ops_status` prints: parts, processes, queue depth, lag in seconds."""
    seen = parts()
    answer: dict[str, Any] = {"ok": all(part.ok for part in seen), "parts": [asdict(part) for part in seen]}
    if not seen[0].ok:
        return answer
    oldest = Run.objects.filter(state=run_states.QUEUED).order_by("queued_at").first()
    waiting = canary.waiting_work()
    answer["queues"] = {queue: {"depth": waiting[queue], "workers": alive("worker", queue).count()} for queue in QUEUES}
    since = timezone.now() - dt.timedelta(days=1)
    answer["missed_last_day"] = Occurrence.objects.filter(state=Occurrence.State.MISSED, due_at__gte=since).count()
    answer["lag_seconds"] = (timezone.now() - oldest.queued_at).total_seconds() if oldest else 0.0
    answer["running"] = [
        {"run": run.pk, "task": run.task, "worker": run.worker, "heartbeat_at": run.heartbeat_at}
        for run in Run.objects.filter(state=run_states.RUNNING)
    ]
    answer["processes"] = [
        {"kind": row.kind, "name": row.name, "host": row.host, "pid": row.pid, "seen_at": row.seen_at, "note": row.note}
        for kind in ("worker", "ticker", "prober")
        for row in alive(kind)
    ]
    return answer
