"""What the ticker brings back: the notices of dead workers, and those whose message is gone."""

from __future__ import annotations

import datetime as dt
import os
import socket
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from tests.notifications.posting import messages, post, work
from tests.receivers import Receiver
from zbmaint import beat
from zbmaint.notifications.actions import notices
from zbmaint.notifications.models import Notice
from zbmaint.notifications.periodic import busy_pids
from zbmaint.notifications.sweep import sweep
from zbmaint.notifications.transports.transport import Delivery
from zbmaint.queue import canary

pytestmark = pytest.mark.django_db
SENT, HOST = Delivery(True, "HTTP 200 OK", 200), socket.gethostname()


def later(seconds: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=seconds)


def claim(notice: Notice) -> Notice:
    claimed = notices.claim(str(notice.pk), str(notice.token), f"{HOST}:{os.getpid()}")
    assert claimed is not None
    return claimed


def lease_has_run_out() -> None:
    Notice.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))


def test_the_ticker_calls_it() -> None:
    assert {"notices.sweep", "notices.purge"} <= {work.name for work in beat.registered()}


def test_a_notice_in_hand_is_left_alone_until_its_lease_has_run_out(settings: Any) -> None:
    claim(post())
    OrmQ.objects.all().delete()
    assert sweep(later(settings.NOTICE_LEASE_SECONDS - 1)) == 0
    assert Notice.objects.get().state == "sending"


def test_what_a_dead_worker_held_is_sent_again_with_the_same_id(monitoring: Receiver) -> None:
    notice = claim(post())
    OrmQ.objects.all().delete()
    lease_has_run_out()
    assert sweep(timezone.now()) == 0
    back = Notice.objects.get()
    assert (back.pk, back.state, back.attempts) == (notice.pk, "failed", 1)
    assert back.last_error == "The worker died while it sent this; whether it arrived is not known."
    assert sweep(back.next_attempt_at) == 1
    assert work() == 1
    assert [seen.headers["X-Zbmaint-Delivery"] for seen in monitoring.received] == [str(notice.pk)]


def test_a_worker_that_was_only_slow_cannot_write_over_what_came_after_it() -> None:
    slow = claim(post())
    lease_has_run_out()
    sweep(timezone.now())
    assert notices.settle(slow, SENT) is None
    assert Notice.objects.get().state == "failed"
    assert not notices.give_back(slow.pk, later(3600))


def test_a_message_that_vanished_is_replaced_after_a_minute() -> None:
    post()
    OrmQ.objects.all().delete()
    assert sweep(later(59)) == 0
    assert sweep(later(61)) == 1
    notice = Notice.objects.get()
    assert messages() == [(str(notice.pk), str(notice.token))]


def test_a_message_that_only_waits_is_not_doubled() -> None:
    post()
    assert sweep(later(300)) == 0
    assert len(messages()) == 1


def test_a_message_that_a_dead_cluster_fetched_is_replaced_and_the_old_one_does_nothing(settings: Any) -> None:
    notice = post()
    retry = settings.QUEUE_RETRY_SECONDS["short"]
    OrmQ.objects.update(lock=later(retry))
    assert sweep(later(50)) == 0
    OrmQ.objects.update(lock=later(retry - 70))
    assert sweep(later(61)) == 1
    assert len(messages()) == 2
    assert notices.claim(str(notice.pk), str(notice.token), "host:1") is None


def test_it_costs_few_queries_while_nothing_is_due(django_assert_num_queries: Any) -> None:
    post()
    with django_assert_num_queries(3):
        sweep(timezone.now())


def test_a_worker_that_delivers_counts_as_busy_and_its_queue_not_as_stuck() -> None:
    assert busy_pids(HOST) == []
    notice = claim(post())
    assert canary.busy_pids(HOST) == {os.getpid()}
    assert busy_pids("elsewhere") == []
    notices.settle(notice, SENT)
    # Between two of many slow deliveries it is busy as well.
    assert busy_pids(HOST) == [os.getpid()]
    Notice.objects.update(lease_until=timezone.now())
    assert busy_pids(HOST) == []
