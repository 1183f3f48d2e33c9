"""Deliveries that wait are read together, and what comes of them is what would have come of each by itself."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from incidents.actions import alerts, deliveries, reading
from incidents.models import Delivery, Entry, Source, Stakeholder, Ticket, TicketAlert, Tier
from tests.incidents.actions.storm import together
from tests.incidents.desk import rule, somebody
from tests.incidents.sourcing import body_of, keep, make_source, messages, of, statuses, work
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
ME = f"here:{os.getpid()}"


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


def groups(source: Source, count: int, first: int = 0) -> list[Delivery]:
    """Deliveries that wait, each of another group."""
    return [keep(source, body_of([of(f"host-{n}")], f"group-{n}")) for n in range(first, first + count)]


def states(given: list[Delivery]) -> list[str]:
    return list(
        Delivery.objects.filter(pk__in=[each.pk for each in given]).order_by("pk").values_list("state", flat=True)
    )


def cost(source: Source, count: int, first: int) -> int:
    """The statements that reading so many takes."""
    waiting = groups(source, count, first)
    with CaptureQueriesContext(connection) as caught:
        reading.read(str(waiting[0].token))
    assert states(waiting) == ["processed"] * count
    return len(caught)


class TestOneMessageReadsAll:
    def test_many_cost_as_many_statements_as_one(self, source: Source, people: dict[str, Person]) -> None:
        Tier.objects.update(on_call=people["tier1"])
        Stakeholder.objects.create(name="Boss", address="boss@example.org")
        one = cost(source, 1, 0)
        assert cost(source, 50, 1) == one <= 42
        assert Ticket.objects.count() == Ticket.objects.values("number").distinct().count() == 51

    def test_each_ticket_is_whole(self, source: Source, people: dict[str, Person]) -> None:
        Tier.objects.update(on_call=people["tier1"])
        Stakeholder.objects.create(name="Boss", address="boss@example.org")
        waiting = groups(source, 20)
        reading.read(str(waiting[0].token))
        assert states(waiting) == ["processed"] * 20
        for number, ticket in enumerate(Ticket.objects.order_by("number")):
            assert (ticket.title, ticket.version, ticket.occurrences) == (f"DiskFull: group-{number}", 1, 1)
            assert (ticket.assignee, ticket.accepted_at) == (people["tier1"], None)
            assert list(ticket.entries.values_list("kind", "version")) == [("opened", 1), ("assigned", 1)]
            assert statuses(ticket) == {f"fp-host-{number}": "firing"}
            assert ticket.alert_group.native_key == f'{{}}:{{service="group-{number}"}}'
            assert sorted(ticket.links.values_list("kind", flat=True)) == ["alertmanager", "graph"]
            assert ticket.words.count() == 1
            assert ticket.stints.get().response_due_at == ticket.due_at
            assert ticket.due_at is not None
            audited = AuditEntry.objects.get(target_kind="ticket", target_id=str(ticket.pk))
            assert (audited.verb, audited.target_label, audited.actor) == ("ticket_opened", str(ticket), None)
            told = Notice.objects.filter(topic=f"ticket:{ticket.number}").values_list("recipient", flat=True)
            assert sorted(told) == sorted([f"person:{people['tier1'].pk}", "boss@example.org"])

    def test_their_messages_are_taken_back_but_those_that_a_cluster_has_fetched(self, source: Source) -> None:
        waiting, elsewhere = groups(source, 3), keep(make_source("staging"), body_of([of("x")]))
        OrmQ.objects.filter(pk=waiting[1].message).update(lock=timezone.now() + dt.timedelta(minutes=2))
        reading.read(str(waiting[0].token))
        assert messages() == [str(waiting[1].token), str(elsewhere.token)]
        reading.read(str(waiting[1].token))  # finds it read
        assert states(waiting) == ["processed"] * 3
        assert Ticket.objects.count() == 3

    def test_a_worker_that_dies_with_them_does_not_leave_them_without_a_message(self, source: Source) -> None:
        waiting = groups(source, 3)
        deliveries.claim(str(waiting[0].token), ME)
        assert messages() == []
        assert deliveries.sweep(timezone.now() + dt.timedelta(hours=1)) == 3
        assert len(messages()) == 3
        assert work() == 3
        assert states(waiting) == ["processed"] * 3

    def test_those_of_other_sources_come_after(self, source: Source) -> None:
        mine, theirs = groups(source, 2), groups(make_source("staging"), 2)
        reading.read(str(mine[0].token))
        assert states(mine + theirs) == ["processed"] * 2 + ["received"] * 2
        assert reading.read_waiting()
        assert states(theirs) == ["processed"] * 2

    def test_no_more_than_so_many_and_so_much(self, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deliveries, "MOST_TOGETHER", 3)
        waiting = groups(source, 5)
        assert deliveries.claim(str(waiting[0].token), ME) == waiting[:3]
        monkeypatch.setattr(deliveries, "LARGEST_TOGETHER", len(waiting[4].body) - 1)
        assert deliveries.claim(str(waiting[4].token), ME) == waiting[4:]

    def test_they_are_read_in_the_order_in_which_they_came(self, source: Source) -> None:
        waiting = groups(source, 3)
        assert deliveries.claim(str(waiting[2].token), ME) == waiting


class TestFailures:
    def test_one_that_is_not_understood_stops_none_of_the_others(self, source: Source) -> None:
        waiting = groups(source, 2)
        bad = keep(source, body_of([of("x") | {"startsAt": "yesterday"}], "bad"))
        waiting += [bad, *groups(source, 2, 2)]
        reading.read(str(waiting[0].token))
        assert states(waiting) == ["processed", "processed", "failed", "processed", "processed"]
        assert Ticket.objects.count() == 4

    @pytest.mark.parametrize("problem", [ZeroDivisionError, IntegrityError])
    def test_a_bug_costs_one_delivery_and_nothing_of_the_others_is_lost_or_doubled(
        self, source: Source, monkeypatch: pytest.MonkeyPatch, problem: type[Exception]
    ) -> None:
        raised = alerts._Taking.raised

        def breaks(taking: Any) -> Any:
            if taking.group.title == "DiskFull: group-2":
                raise problem
            return raised(taking)

        monkeypatch.setattr(alerts._Taking, "raised", breaks)
        waiting = groups(source, 5)
        reading.read(str(waiting[0].token))
        assert states(waiting) == ["processed", "processed", "failed", "processed", "processed"]
        assert sorted(Ticket.objects.values_list("title", flat=True)) == [f"DiskFull: group-{n}" for n in (0, 1, 3, 4)]
        assert (
            Entry.objects.filter(kind="opened").count() == AuditEntry.objects.filter(verb="ticket_opened").count() == 4
        )

    def test_what_was_begun_before_is_read_alone(self, source: Source) -> None:
        waiting = groups(source, 4)
        deliveries.claim(str(waiting[0].token), ME)
        # Their worker died: each may be what killed it.
        assert deliveries.sweep(timezone.now() + dt.timedelta(hours=1)) == 4
        again = list(Delivery.objects.order_by("pk"))
        assert deliveries.claim(str(again[1].token), ME) == again[1:2]
        assert deliveries.claim_waiting(ME) == []
        fresh = groups(source, 2, 4)
        assert deliveries.claim(str(fresh[0].token), ME) == fresh

    def test_what_was_given_to_another_worker_meanwhile_is_left_to_it(
        self, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = groups(source, 3)
        held = deliveries.held

        def slowly(claimed: Any) -> Any:
            monkeypatch.undo()
            Delivery.objects.filter(pk=waiting[1].pk).update(lease_until=timezone.now() - dt.timedelta(minutes=1))
            assert deliveries.give_back(waiting[1].pk, timezone.now())
            return held(claimed)

        monkeypatch.setattr(deliveries, "held", slowly)
        reading.read(str(waiting[0].token))
        assert states(waiting) == ["processed", "received", "processed"]
        assert Ticket.objects.count() == 2


class TestWhoGetsThem:
    def test_the_least_loaded_take_turns(self, source: Source) -> None:
        one, other = somebody("a.moyo", 1), somebody("t.ncube", 1)
        rule("all")
        reading.read(str(groups(source, 10)[0].token))
        assert Counter(Ticket.objects.values_list("assignee", flat=True)) == {one.pk: 5, other.pk: 5}
        by_turns = list(Ticket.objects.order_by("number").values_list("assignee", flat=True))
        assert by_turns == [one.pk, other.pk] * 5

    def test_a_cap_is_kept(self, source: Source) -> None:
        one = somebody("a.moyo", 1)
        Tier.objects.filter(pk=1).update(open_cap=3)
        rule("to a.moyo", "person", person=one)
        reading.read(str(groups(source, 8)[0].token))
        assert Ticket.objects.filter(assignee=one).count() == 3
        last = Ticket.objects.order_by("number").last()
        assert last is not None
        why = last.entries.get(kind="assigned").data["why"]["passed_over"][0]["why"]
        assert why == "has 3 open tickets, the cap is 3"


def told_at_random(seed: int) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Groups, each with alerts of which some fire, some are resolved, and some move between groups."""
    chance = random.Random(seed)
    return [
        (
            f"group-{chance.randrange(4)}",
            [
                (
                    f"host-{host}",
                    chance.choice(["firing", "firing", "resolved"]),
                    chance.choice(["warning", "critical"]),
                )
                for host in chance.sample(range(8), chance.randrange(1, 4))
            ],
        )
        for _ in range(40)
    ]


def life(source: Source) -> list[Any]:
    """What came of the deliveries of a source, without numbers and times."""
    tickets = Ticket.objects.filter(source=source.slug).order_by("number")
    return [
        (
            (ticket.title, ticket.status, ticket.severity, ticket.clear, ticket.occurrences, ticket.version),
            list(ticket.entries.order_by("id").values_list("kind", "text", "version")),
            sorted(ticket.alerts.values_list("fingerprint", "status", "times", "repeats", "severity")),
            sorted(ticket.links.exclude(kind="ticket").values_list("kind", "ref")),
            ticket.links.filter(kind="ticket").count(),
            ticket.stints.filter(left_at=None).count(),
        )
        for ticket in tickets
    ]


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_together_or_one_by_one_is_the_same(seed: int) -> None:
    one_by_one, all_at_once = make_source("calm"), make_source("storm")
    came = timezone.now() - dt.timedelta(minutes=1)

    def put(source: Source, place: int, group: str, told: list[tuple[str, str, str]]) -> Delivery:
        began = came + dt.timedelta(seconds=place // 8)
        facts = [of(host, status, severity=word, starts_at=began) for host, status, word in told]
        return keep(source, body_of(facts, group), came + dt.timedelta(seconds=place))

    given = told_at_random(seed)
    for place, (group, told) in enumerate(given):
        reading.read(str(put(one_by_one, place, group, told).token))
    waiting = [put(all_at_once, place, group, told) for place, (group, told) in enumerate(given)]
    reading.read(str(waiting[0].token))
    assert states(waiting) == ["processed"] * len(given)
    counts = [
        list(source.deliveries.order_by("pk").values_list("counts", flat=True)) for source in (one_by_one, all_at_once)
    ]
    assert counts[0] == counts[1]
    expected = life(one_by_one)
    assert len(expected) > 3
    assert life(all_at_once) == expected


@pytest.mark.usefixtures("installed")
@pytest.mark.django_db(transaction=True)
def test_two_workers_and_people_do_not_wait_in_a_circle() -> None:
    """Both workers read of both sources, in opposite orders, while the loads are asked for by each."""
    somebody("a.moyo", 1)
    rule("all")
    one, other = make_source("one"), make_source("other")
    mine, theirs = groups(one, 60), groups(other, 60)

    def worker(first: list[Delivery], then: list[Delivery]) -> None:
        for delivery in [pair for both in zip(first, then, strict=True) for pair in both]:
            reading.read(str(delivery.token))

    assert together([lambda: worker(mine, theirs), lambda: worker(theirs[::-1], mine[::-1])]) == []
    assert states(mine + theirs) == ["processed"] * 120
    assert Delivery.objects.filter(attempts__gt=0).count() == 0
    assert Ticket.objects.count() == TicketAlert.objects.count() == 120
