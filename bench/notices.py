"""How fast what is due leaves: 1,000 notices through one worker, to receivers on loopback. Run by `python -m bench`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from bench.rows import Row
from tests.mailbox import mailbox
from tests.receivers import receiver
from zbmaint import processes
from zbmaint.notifications import outbox
from zbmaint.notifications.models import Notice

NOTICES, LIMIT_SECONDS, PATIENCE = 1_000, 5.0, 120.0
MANAGE = Path(__file__).resolve().parents[1] / "manage.py"


def measure() -> list[Row]:
    """Post them at once while the worker idles, by each transport; from the commit to the last arrival."""
    call_command("migrate", verbosity=0)
    with receiver() as hook, mailbox() as box:
        os.environ |= {
            "MONITORING_WEBHOOK_URL": hook.url(),
            "MONITORING_WEBHOOK_SECRET": "of use nowhere else",
            "HTTP_ALLOWED_PRIVATE": "127.0.0.1",
            "EMAIL_URL": box.url,
        }
        with worker():
            _until(lambda: _arrived(hook.received, lambda: by_webhook("warm", 1), 1), PATIENCE)
            webhook = _seconds(lambda: by_webhook("bench", NOTICES), lambda: len(hook.received) - 1)
            mail = _seconds(lambda: by_mail(NOTICES), lambda: len(box.messages))
    return [
        Row("notices", f"{NOTICES:,} due by webhook, one worker", webhook, "s", LIMIT_SECONDS),
        Row("notices", f"{NOTICES:,} due by e-mail, one worker", mail, "s", LIMIT_SECONDS),
    ]


@contextmanager
def worker() -> Iterator[None]:
    """A worker of the short queue."""
    with open(os.devnull, "wb") as nothing:
        child = processes.start([sys.executable, MANAGE, "worker", "short"], env=dict(os.environ), output=nothing)
    try:
        yield
    finally:
        processes.stop(child, grace_seconds=15)


@transaction.atomic
def by_webhook(name: str, count: int) -> None:
    """Notices of as many topics."""
    for number in range(count):
        outbox.post_to_webhook(
            "bench", event=f"{name}:{number}:x", topic=f"{name}:{number}", payload={}, occurred_at=timezone.now()
        )


@transaction.atomic
def by_mail(count: int) -> None:
    """Notices to as many people: none is one of a storm."""
    outbox.post_all(
        [
            outbox.Message(
                kind="bench",
                event=f"mail:{number}:x",
                topic=f"mail:{number}",
                subject="New low incident: a benchmark",
                transport="email",
                recipient=f"somebody-{number}@example.org",
                payload={"text": "Nothing is wrong.", "facts": [["Severity", "low"]]},
                occurred_at=timezone.now(),
            )
            for number in range(count)
        ]
    )


def _seconds(post: Callable[[], None], arrived: Callable[[], int]) -> float:
    _until(lambda: not Notice.objects.waiting().exists(), PATIENCE)
    post()
    began = time.monotonic()
    _until(lambda: arrived() >= NOTICES, PATIENCE)
    return time.monotonic() - began


def _arrived(received: Sequence[object], post: Callable[[], None], count: int) -> bool:
    if not Notice.objects.exists():
        post()
    return len(received) >= count


def _until(done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the notices did not arrive")
        time.sleep(0.02)


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(row) for row in measure()]))
