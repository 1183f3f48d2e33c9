"""A worker that is killed in the middle of a delivery: it is delivered again after the lease, under the same id."""

from __future__ import annotations

import os
import signal

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from tests.faults.conftest import Start
from tests.mailbox import mailbox
from tests.notifications.posting import SECRET, make_due, post, write_to
from tests.receivers import Receiver, receiver, silent, status
from tests.waiting import until
from zbmaint.notifications.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]
SEND_SECONDS = 4.0
LEASE = 3 * SEND_SECONDS
FIRST_PAUSE = 10.0


def settings_for(server: Receiver) -> dict[str, str]:
    return {
        "MONITORING_WEBHOOK_URL": server.url(),
        "MONITORING_WEBHOOK_SECRET": SECRET,
        "HTTP_ALLOWED_PRIVATE": "127.0.0.1",
        "NOTICE_SEND_SECONDS": str(SEND_SECONDS),
        "TICK_SECONDS": "0.2",
    }


def kill_its_worker(notice: Notice) -> None:
    """`kill -9` the process that delivers."""
    _, _, pid = Notice.objects.values_list("worker", flat=True).get(pk=notice.pk).rpartition(":")
    os.kill(int(pid), signal.SIGKILL)


def test_it_is_delivered_again_after_the_lease_with_the_same_id(start: Start) -> None:
    with receiver(silent, status(200)) as server:
        start("worker", "short", **settings_for(server))
        start("ticker", **settings_for(server))
        notice = post("run:1:finished")
        until(lambda: server.received, 30, "the receiver to have the request")
        claimed = Notice.objects.get()
        assert claimed.state == "sending"
        kill_its_worker(notice)
        # The cluster comes back and delivers what is not held, while the lease still runs.
        other = post("run:2:finished")
        until(lambda: Notice.objects.get(pk=other.pk).state == "sent", LEASE, "another notice to arrive meanwhile")
        assert Notice.objects.get(pk=notice.pk).state == "sending"
        assert claimed.lease_until is not None
        until(lambda: Notice.objects.get(pk=notice.pk).state == "sent", LEASE + FIRST_PAUSE + 40, "the second delivery")
        assert timezone.now() > claimed.lease_until
        until(lambda: not OrmQ.objects.exclude(lock__gt=timezone.now()).exists(), 20, "the queue to be worked off")
        ids = [seen.headers["X-Zbmaint-Delivery"] for seen in server.received]
        assert ids == [str(notice.pk), str(other.pk), str(notice.pk)]
        assert server.received[0].body == server.received[2].body
        assert Notice.objects.get(pk=notice.pk).attempts == 2


def test_e_mail_that_the_server_had_taken_comes_twice_with_one_delivery_id(start: Start) -> None:
    """The worker dies before it hears that: nobody can know, and twice is better than never."""
    with mailbox() as box:
        box.hold.set()
        facts = {"EMAIL_URL": box.url, "NOTICE_SEND_SECONDS": "20", "TICK_SECONDS": "0.2"}
        start("worker", "short", **facts)
        start("ticker", **facts)
        notice = write_to("somebody@example.org")[0]
        until(lambda: box.messages, 30, "the server to have the message")
        kill_its_worker(notice)
        box.hold.clear()
        # The lease has run out, and the pause after that as well.
        Notice.objects.filter(pk=notice.pk).update(lease_until=timezone.now())
        until(lambda: Notice.objects.get(pk=notice.pk).state == "failed", 30, "it to be given back")
        make_due(notice)
        until(lambda: Notice.objects.get(pk=notice.pk).state == "sent", 60, "the second delivery")
        assert [message["X-Zbmaint-Delivery"] for message in box.messages] == [str(notice.pk)] * 2
