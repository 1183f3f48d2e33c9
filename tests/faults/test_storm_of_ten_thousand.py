"""Ten thousand distinct alerts within a minute, by eight clients, to the whole product.

STORM_SECONDS sets another time for them, STORM_GROUP how many alerts a group has (each group is a ticket).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles
from threading import Event, Thread
from typing import Any

import pytest

from tests.browser.product import Product
from tests.faults.test_alert_storm import send
from tests.faults.test_burst_killed import Desk
from tests.incidents.sourcing import body_of, of
from tests.mailbox import Mailbox, mailbox
from tests.waiting import until
from zbmaint.embedded.accounts import temporary_directory

pytestmark = pytest.mark.long
ALERTS, CLIENTS = 10_000, 8
GROUP = int(os.environ.get("STORM_GROUP", "10"))
SECONDS = float(os.environ.get("STORM_SECONDS", "60"))
TICKETED_SECONDS, PAGE_P95, CRITICAL_SECONDS = 300.0, 0.5, 10.0
CRITICAL_NOTICE = """
from django.db import transaction
from django.utils import timezone
from zbmaint.notifications import outbox, rules
with transaction.atomic():
    outbox.post_all([outbox.Message("test.critical", "storm:{0}:x", "storm:{0}", "critical {0}", "email",
        "on-call@example.org", {{"text": "It is down."}}, timezone.now(), priority=rules.CRITICAL)])
"""
READ = """
from incidents.models import Delivery, TicketAlert
ticketed = TicketAlert.objects.filter(fingerprint__startswith="fp-storm").values("fingerprint").distinct()
print(ticketed.count(), Delivery.objects.filter(state="failed").count())
"""


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def product(box: Mailbox) -> Iterator[Product]:
    folder = temporary_directory("zbmaint-storm-")
    # Each critical notice is measured by itself.
    running = Product(folder, {"EMAIL_URL": box.url, "NOTICE_BUNDLE_OVER": "0"})
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


class Watch(Thread):
    """Looks at the queue's page all the time."""

    def __init__(self, product: Product) -> None:
        super().__init__(daemon=True)
        self._desk, self._done = Desk(product.url), Event()
        self._desk.sign_in()
        self.seconds: list[float] = []

    def run(self) -> None:
        while not self._done.wait(0.5):
            began = time.monotonic()
            self._desk.get("/queue/")
            self.seconds.append(time.monotonic() - began)

    def stop(self) -> None:
        self._done.set()
        self.join()


def storm(product: Product, token: str) -> tuple[list[int], float]:
    """Send them, evenly over the time; the answers, and the seconds until the last one."""
    bodies = [
        json.dumps(body_of([of(f"storm-{group}-{n}") for n in range(GROUP)], f"storm-{group}")).encode()
        for group in range(ALERTS // GROUP)
    ]
    began = time.monotonic()

    def client(place: int) -> list[int]:
        answers = []
        for number in range(place, len(bodies), CLIENTS):
            time.sleep(max(0.0, began + 0.9 * SECONDS * number / len(bodies) - time.monotonic()))
            answers.append(send(product.url, token, bodies[number]))
        return answers

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [status for answered in pool.map(client, range(CLIENTS)) for status in answered]
    return answers, time.monotonic() - began


def send_critical_ones(product: Product, box: Mailbox, done: Event, took: list[float]) -> None:
    """One every few seconds; how long each needed from its commit to the mail server."""
    number = 0
    while not done.is_set():
        product.do(CRITICAL_NOTICE.format(number))
        began, name = time.monotonic(), f"critical {number}"
        until(lambda name=name: name in box.subjects, 60, "the critical notice")  # type: ignore[misc]
        took.append(time.monotonic() - began)
        number += 1
        done.wait(5)


def test_it_is_taken_read_and_shown(product: Product, box: Mailbox, capsys: Any) -> None:
    token = product.manage("source", "monitoring", "--kind", "alertmanager")
    watch, done = Watch(product), Event()
    took: list[float] = []
    critical = Thread(target=send_critical_ones, args=(product, box, done, took))
    watch.start()
    critical.start()
    load = os.getloadavg()[0]
    began = time.monotonic()
    try:
        answers, answered = storm(product, token)
        pages_of_the_storm = len(watch.seconds)
        done.set()
        critical.join()
        until(lambda: int(product.do(READ).split()[0]) >= ALERTS, TICKETED_SECONDS, "all alerts to have a ticket")
        ticketed = time.monotonic() - began
    finally:
        done.set()
        watch.stop()
    assert product.do(READ) == f"{ALERTS} 0"
    p95 = quantiles(watch.seconds, n=20)[-1]
    report = {
        "alerts, groups": f"{ALERTS}, {ALERTS // GROUP}",
        "answered 202": f"{answers.count(202)} of {len(answers)} in {answered:.1f} s",
        "all ticketed after": f"{ticketed:.1f} s",
        "queue page": f"p95 {p95 * 1000:.0f} ms of {len(watch.seconds)} ({pages_of_the_storm} while they were sent)",
        "critical notices": f"{len(took)}, the slowest {max(took):.2f} s",
        "load": f"{load:.1f} before, {os.getloadavg()[0]:.1f} after, on {os.cpu_count()} cores",
    }
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(f"  {name}: {said}" for name, said in report.items()) + "\n")
    assert answers == [202] * (ALERTS // GROUP)
    assert answered <= SECONDS
    assert ticketed <= TICKETED_SECONDS
    assert max(took) <= CRITICAL_SECONDS
    assert p95 <= PAGE_P95
