"""A delivery is read once, whatever dies; what cannot be read stands in the catch-all and stops nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ

from incidents import jobs
from incidents.actions import alerts, deliveries, reading
from incidents.actions.refusals import DeskRefused
from incidents.models import Delivery, Source, Ticket
from tests.incidents.sourcing import body_of, keep, make_source, messages, of, ticket_of, work
from zbmaint import beat
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.queue import canary

pytestmark = pytest.mark.django_db
HOST = socket.gethostname()


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


def later(seconds: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=seconds)


def claim(delivery: Delivery) -> Delivery:
    (claimed,) = deliveries.claim(str(delivery.token), f"{HOST}:{os.getpid()}")
    return claimed


def now_of(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def test_the_ticker_calls_it() -> None:
    assert {"deliveries.sweep", "deliveries.early", "deliveries.purge"} <= {work.name for work in beat.registered()}


class TestOnce:
    def test_a_second_message_does_nothing(self, source: Source) -> None:
        delivery = keep(source, body_of([of("a")]))
        for _ in range(3):
            jobs.read_delivery(str(delivery.token))
        assert ticket_of(source).occurrences == 1
        assert (now_of(delivery).state, now_of(delivery).counts) == ("processed", {"fired": 1})
        assert now_of(delivery).settled_at is not None

    def test_who_was_only_slow_writes_nothing_over_what_came_after_it(self, source: Source) -> None:
        slow = claim(keep(source, body_of([of("a")])))
        assert deliveries.sweep(later(1000)) == 1
        assert not deliveries.held([slow])
        assert not deliveries.settle([slow], error="x")
        work()
        assert (now_of(slow).state, ticket_of(source).occurrences) == ("processed", 1)

    def test_a_worker_that_lost_its_delivery_takes_nothing_in(
        self, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        delivery = keep(source, body_of([of("a")]))
        monkeypatch.setattr(deliveries, "held", lambda _: [])
        jobs.read_delivery(str(delivery.token))
        assert Ticket.objects.count() == 0


class TestSweep:
    def test_what_a_dead_worker_held_is_read_by_another(self, source: Source, settings: Any) -> None:
        delivery = claim(keep(source, body_of([of("a")])))
        OrmQ.objects.all().delete()
        assert deliveries.sweep(later(settings.DELIVERY_LEASE_SECONDS - 5)) == 0
        assert deliveries.sweep(later(settings.DELIVERY_LEASE_SECONDS + 1)) == 1
        assert work() == 1
        assert (now_of(delivery).state, now_of(delivery).attempts) == ("processed", 1)

    def test_a_message_that_vanished_is_replaced_after_a_minute(self, source: Source) -> None:
        keep(source, body_of([of("a")]))
        OrmQ.objects.all().delete()
        assert deliveries.sweep(later(59)) == 0
        assert deliveries.sweep(later(61)) == 1
        assert work() == 1
        assert ticket_of(source).status == "open"

    def test_a_message_that_only_waits_is_not_doubled(self, source: Source) -> None:
        keep(source, body_of([of("a")]))
        assert deliveries.sweep(later(300)) == 0
        assert len(messages()) == 1

    def test_what_kills_its_worker_every_time_is_given_up_and_stops_nothing(self, source: Source) -> None:
        poison = keep(source, body_of([of("a")]))
        for turn in range(deliveries.MOST_ATTEMPTS):
            claim(now_of(poison))
            deliveries.sweep(later(1000 * (turn + 1)))
        assert (now_of(poison).state, now_of(poison).error) == ("failed", deliveries.GAVE_UP)
        keep(source, body_of([of("b")], group="other"))
        work()
        assert ticket_of(source).status == "open"

    def test_it_costs_two_queries_while_nothing_is_due(self, source: Source, django_assert_num_queries: Any) -> None:
        keep(source, body_of([of("a")]))
        with django_assert_num_queries(2):
            deliveries.sweep(timezone.now())


def test_a_worker_that_reads_counts_as_busy_and_its_queue_not_as_stuck(source: Source) -> None:
    assert os.getpid() not in canary.busy_pids(HOST)
    keep(source, body_of([of("a")]))
    work()
    # Between two of many it is busy as well.
    assert canary.busy_pids(HOST) == {os.getpid()}
    assert canary.busy_pids("elsewhere") == set()
    Delivery.objects.update(lease_until=timezone.now())
    assert canary.busy_pids(HOST) == set()


class TestNotUnderstood:
    def test_it_fails_with_words_and_those_after_it_are_read(self, source: Source) -> None:
        bad = keep(source, body_of([of("a", starts_at=timezone.now()) | {"startsAt": "yesterday"}]))
        good = keep(source, body_of([of("b")]))
        work()
        assert (now_of(bad).state, now_of(good).state) == ("failed", "processed")
        assert now_of(bad).error == "`startsAt` is a time such as 2026-04-05T03:01:00Z, not 'yesterday'."

    def test_a_bug_costs_one_delivery_and_half_of_it_is_not_kept(
        self, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take = alerts.take

        def breaks(*arguments: Any) -> Any:
            take(*arguments)
            raise ZeroDivisionError("secret")

        monkeypatch.setattr(alerts, "take", breaks)
        delivery = keep(source, body_of([of("a")]))
        work()
        assert now_of(delivery).error == "Reading it ended with an error of the product: ZeroDivisionError."
        assert Ticket.objects.count() == 0

    def test_a_deadlock_is_read_again_at_once(self, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
        def deadlock(*_: Any) -> None:
            raise OperationalError("deadlock detected")

        delivery = keep(source, body_of([of("a")]))
        with monkeypatch.context() as patch:
            patch.setattr(alerts, "take", deadlock)
            work()
        assert now_of(delivery).state == "processing"
        assert deliveries.sweep(later(1)) == 1
        work()
        assert now_of(delivery).state == "processed"

    def test_a_source_that_is_switched_off_keeps_what_comes(self, source: Source, people: dict[str, Person]) -> None:
        Source.objects.update(enabled=False)
        delivery = keep(source, body_of([of("a")]))
        work()
        assert (now_of(delivery).state, now_of(delivery).error) == ("failed", reading.SWITCHED_OFF)
        Source.objects.update(enabled=True)
        deliveries.try_again(delivery.pk, actor=people["lead"])
        work()
        assert now_of(delivery).state == "processed"
        assert AuditEntry.objects.filter(verb="delivery_tried_again", actor=people["lead"]).count() == 1

    def test_only_what_failed_is_tried_again(self, source: Source, people: dict[str, Person]) -> None:
        delivery = keep(source, body_of([of("a")]))
        work()
        with pytest.raises(DeskRefused, match="is not one that failed"):
            deliveries.try_again(delivery.pk, actor=people["lead"])

    def test_one_that_is_let_be_leaves_the_catch_all_and_is_kept(
        self, source: Source, people: dict[str, Person]
    ) -> None:
        Source.objects.update(enabled=False)
        delivery = keep(source, body_of([of("a")]))
        work()
        deliveries.dismiss(delivery.pk, actor=people["lead"])
        assert now_of(delivery).state == "dismissed"
        assert not Delivery.objects.failed().exists()
        assert AuditEntry.objects.filter(verb="delivery_dismissed", actor=people["lead"]).count() == 1
        with pytest.raises(DeskRefused, match="is not one that failed: let be"):
            deliveries.dismiss(delivery.pk, actor=people["lead"])

    def test_the_body_stays_as_it_came(self, source: Source) -> None:
        body = body_of([of("a")])
        delivery = keep(source, body)
        work()
        assert json.loads(bytes(now_of(delivery).body)) == body
