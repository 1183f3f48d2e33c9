"""Web server and workers killed again and again while 2,000 notices leave to a mail server and an HTTP receiver.

KILLS_SEED and KILLS_NOTICES set another seed and number.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.browser.product import Product
from tests.embedded.observing import command_of, descendants
from tests.mailbox import Mailbox, mailbox
from tests.notifications.posting import SECRET
from tests.receivers import Receiver, receiver
from tests.waiting import until
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.notifications.drain import RECORD_AT_ONCE

pytestmark = pytest.mark.long
SEED = int(os.environ.get("KILLS_SEED", "1"))
NOTICES = int(os.environ.get("KILLS_NOTICES", "2000"))
SLICES = 10
# What the workers of one process may have sent and not recorded: what is recorded at once, and what its threads hold.
WINDOW = RECORD_AT_ONCE + 8 + 2
POST = """
from django.db import transaction
from django.utils import timezone
from zbmaint.notifications import outbox
for number in range({first}, {last}):
    with transaction.atomic():
        outbox.post_to_webhook("test", event=f"kill:{{number}}:x", topic=f"kill:{{number}}", payload={{}},
            occurred_at=timezone.now())
        outbox.post_all([outbox.Message("test", f"kill:{{number}}:x", f"kill:{{number}}", "killed", "email",
            f"somebody-{{number}}@example.org", {{"text": "Nothing."}}, timezone.now())])
"""
SENT = """
from zbmaint.notifications.models import Notice
print(Notice.objects.filter(topic__startswith="kill:", state="sent").count())
"""
IDS = """
from zbmaint.notifications.models import Notice
print(*Notice.objects.filter(topic__startswith="kill:").values_list("pk", flat=True))
"""
DIED = """
from zbmaint.notifications.models import Notice
print(*Notice.objects.filter(topic__startswith="kill:", attempts__gt=1).values_list("pk", flat=True))
"""


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def product(box: Mailbox, hook: Receiver) -> Iterator[Product]:
    folder = temporary_directory("zbmaint-kills-")
    settings = {
        "EMAIL_URL": box.url,
        "MONITORING_WEBHOOK_URL": hook.url(),
        "MONITORING_WEBHOOK_SECRET": SECRET,
        "HTTP_ALLOWED_PRIVATE": "127.0.0.1",
        "NOTICE_SEND_SECONDS": "2",
    }
    running = Product(folder, settings)
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


def kill_some(product: Product, chance: random.Random) -> str:
    """`kill -9` of the web server, or of a process of the workers that deliver; returns which."""
    if chance.random() < 0.25:
        with suppress(AssertionError, ProcessLookupError):
            product.kill_web_server()
        return "web server"
    workers = [pid for pid in descendants(product.pid) if b"qcluster" in command_of(pid)]
    if workers:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
    return "process of the workers"


def test_every_one_arrives_and_twice_only_what_a_kill_interrupted(
    product: Product, box: Mailbox, hook: Receiver, capsys: Any
) -> None:
    chance, kills = random.Random(SEED), Counter[str]()
    each, total = NOTICES // 2 // SLICES, NOTICES // 2 // SLICES * SLICES * 2
    began = time.monotonic()
    for number in range(SLICES):
        product.do(POST.format(first=number * each, last=(number + 1) * each))
        for _ in range(2):
            kills[kill_some(product, chance)] += 1
            time.sleep(chance.uniform(0.2, 1.5))  # the time between two kills is what this is about
    until(lambda: int(product.do(SENT)) == total, 300, "every notice to be sent")
    took = time.monotonic() - began
    came = Counter([str(message["X-Zbmaint-Delivery"]) for message in box.messages])
    came += Counter([seen.headers["X-Zbmaint-Delivery"] for seen in hook.received])
    expected, interrupted = set(product.do(IDS).split()), set(product.do(DIED).split())
    twice = {delivery: times for delivery, times in came.items() if times > 1}
    report = {
        "kills": dict(kills),
        "notices": f"{total} in {took:.0f} s",
        "arrived": f"{len(came)} by {sum(came.values())} deliveries",
        "interrupted by a kill": len(interrupted),
        "more than once": f"{len(twice)}, at most {max(twice.values(), default=1)} times",
    }
    with capsys.disabled():
        lines = [f"killed while delivering, seed {SEED}:", *(f"  {name}: {said}" for name, said in report.items())]
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert set(came) == expected
    assert set(twice) <= interrupted, "one that no kill interrupted came twice"
    assert len(twice) <= WINDOW * kills["process of the workers"]
    assert kills["process of the workers"] > 5
