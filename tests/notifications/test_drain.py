"""A worker that goes on with what else is due: in batches, on lanes that do not wait for each other."""

from __future__ import annotations

import time
import uuid
from queue import SimpleQueue
from threading import Event
from typing import Any

import pytest
from django.utils import timezone

from incidents.jobs import read_delivery
from tests.mailbox import Mailbox
from tests.notifications.posting import messages, post, write_to
from tests.receivers import Exchange, Receiver, status
from zbmaint.access.models import Person
from zbmaint.notifications import lanes, rules, still_wanted
from zbmaint.notifications.actions import batches, notices
from zbmaint.notifications.actions.admitting import Admission
from zbmaint.notifications.drain import Drain
from zbmaint.notifications.lanes import Lane, Outcome
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import email
from zbmaint.notifications.transports.transport import Delivery, Transport

pytestmark = pytest.mark.django_db
People = dict[str, Person]
LONG = 30.0


def all_due(seconds: float = LONG) -> None:
    """Deliver all that is due, as one worker does."""
    until = time.monotonic() + seconds
    with Drain(until) as worker:
        worker.everything(until)


def states() -> dict[str, str]:
    return dict(Notice.objects.values_list("event", "state"))


def test_many_leave_by_one_connection(mail: Mailbox) -> None:
    for number in range(6):
        write_to(f"somebody-{number}@example.org", event=f"ticket:{number}:1:opened")
    all_due()
    assert set(states().values()) == {"sent"}
    assert sorted(mail.recipients) == [f"somebody-{number}@example.org" for number in range(6)]
    assert mail.spoken.count("EHLO") < 4
    assert mail.spoken.count("DATA") == 6


def test_a_refused_one_costs_the_others_nothing(mail: Mailbox) -> None:
    mail.refuses["RCPT"] = ["550 no such user"]
    for number in range(5):
        write_to(f"somebody-{number}@example.org", event=f"ticket:{number}:1:opened")
    all_due()
    assert sorted(states().values()) == ["dead", "sent", "sent", "sent", "sent"]


@pytest.mark.parametrize("verb", ["NOOP", "MAIL"])
def test_a_connection_that_the_server_ended_is_made_again(
    mail: Mailbox, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found when it is asked after a while, or told instead of taking the next message."""
    if verb == "NOOP":
        monkeypatch.setattr(email, "ASK_AFTER", 0.0)
    first, second = (write_to(f"somebody-{n}@example.org", event=f"ticket:{n}:1:opened")[0] for n in range(2))
    with email.kept_open() as send:
        assert send(first).sent
        mail.refuses[verb] = ["421 enough" if verb == "MAIL" else "hang up"]
        assert send(second).sent
    assert (len(mail.messages), mail.spoken.count("EHLO")) == (2, 2)


def test_a_receiver_that_says_nothing_holds_back_nothing_of_another(mail: Mailbox, monitoring: Receiver) -> None:
    mailed = Event()

    def after_the_mail(exchange: Exchange) -> None:
        assert mailed.wait(LONG)
        status(200)(exchange)

    monitoring.answers = [after_the_mail]
    post("run:1:finished")
    for number in range(3):
        write_to(f"somebody-{number}@example.org", event=f"ticket:{number}:1:opened")
    until = time.monotonic() + LONG
    with Drain(until) as worker:
        worker.urgent(1)
        worker.one(*messages()[0])
        assert not mail.messages
        worker.everything(time.monotonic() + 2)
        assert len(mail.messages) == 3
        mailed.set()
        worker.finish()
    assert set(states().values()) == {"sent"}


def test_a_topic_stays_in_order_while_others_overtake(monitoring: Receiver) -> None:
    for number in range(20):
        post(f"run:{number % 4}:{number:02d}")
    all_due()
    came = [Notice.objects.get(pk=seen.headers["X-Zbmaint-Delivery"]).event for seen in monitoring.received]
    assert len(came) == 20
    for topic in range(4):
        own = [event for event in came if event.startswith(f"run:{topic}:")]
        assert own == sorted(own)


def test_a_storm_in_one_batch_is_five_messages_and_a_digest(mail: Mailbox, people: People) -> None:
    for number in range(40):
        write_to(people["tier1"], event=f"ticket:{number}:1:opened")
    all_due()
    assert len(mail.messages) == 5
    assert Notice.objects.filter(state="bundled", into__kind="digest").count() == 35
    assert Notice.objects.filter(kind="digest").count() == 1


def test_of_several_in_one_batch_the_last_tells_how_things_stand(mail: Mailbox, people: People) -> None:
    for version in range(1, 9):
        write_to(people["tier1"], event=f"ticket:1:{version}:status")
    all_due()
    assert states() == {f"ticket:1:{n}:status": "bundled" for n in range(1, 8)} | {"ticket:1:8:status": "sent"}


def test_what_waits_for_a_thread_is_asked_again_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch, mail: Mailbox, people: People
) -> None:
    """It was wanted when it was taken; since then somebody has begun."""
    monkeypatch.setattr(lanes, "FRESH", 0.0)
    asked: list[str] = []

    def second_time_no(batch: list[Notice]) -> dict[object, str]:
        again = [notice for notice in batch if notice.event in asked]
        asked.extend(notice.event for notice in batch)
        return {notice.pk: "ann has taken it meanwhile." for notice in again}

    still_wanted.register("test.second", second_time_no)  # type: ignore[arg-type]
    write_to(people["tier1"], event="ticket:1:1:opened", still_wanted="test.second")
    all_due()
    assert states() == {"ticket:1:1:opened": "cancelled"}
    assert mail.messages == []


def test_one_that_was_given_back_meanwhile_is_not_sent(mail: Mailbox, people: People) -> None:
    write_to(people["tier1"])
    [claimed] = batches.claim(5, "host:1", 0.0)
    Notice.objects.update(lease_until=timezone.now())
    assert notices.give_back(claimed.pk, timezone.now())
    assert Admission().admit([claimed]) == []
    assert batches.settle([(claimed, Delivery(True, "late"))]) == {}
    assert Notice.objects.get().state == "failed"


def test_what_was_not_begun_is_given_back_as_if_it_had_not_been_taken(mail: Mailbox) -> None:
    for number in range(3):
        write_to(f"somebody-{number}@example.org", event=f"ticket:{number}:1:opened")
    claimed = batches.claim(5, "host:1", 5.0)
    batches.release(claimed)
    assert {(n.state, n.attempts) for n in Notice.objects.all()} == {("queued", 0)}
    assert set(messages()) >= {(str(n.pk), str(n.token)) for n in Notice.objects.all()}
    all_due()
    assert set(states().values()) == {"sent"}


def test_a_lane_that_closes_hands_back_what_it_has_not_begun() -> None:
    begun, go_on = Event(), Event()

    def slow(_: Notice) -> Delivery:
        begun.set()
        assert go_on.wait(LONG)
        return Delivery(True, "ok")

    outcomes: SimpleQueue[Outcome] = SimpleQueue()
    lane = Lane(Transport("slow", "Slow", slow, lambda: ""), outcomes)
    first, second = Notice(), Notice()
    lane.put([first, second])
    assert begun.wait(LONG)
    assert lane.close() == [second]
    go_on.set()
    assert outcomes.get(timeout=LONG).notice is first


def test_the_most_urgent_are_taken_first_and_others_only_when_asked(people: People) -> None:
    write_to(people["tier1"], event="ticket:1:1:opened")
    write_to(people["tier1"], event="ticket:2:1:opened", priority=rules.CRITICAL)
    assert [n.event for n in batches.claim(5, "host:1", 0.0, most=rules.CRITICAL)] == ["ticket:2:1:opened"]
    assert batches.claim(5, "host:1", 0.0, transport="webhook") == []
    assert [n.event for n in batches.claim(5, "host:1", 0.0)] == ["ticket:1:1:opened"]


def test_what_is_critical_passes_what_waits_for_a_thread() -> None:
    begun, go_on = Event(), Event()
    sent: list[str] = []

    def slow(notice: Notice) -> Delivery:
        sent.append(notice.event)
        begun.set()
        assert go_on.wait(LONG)
        return Delivery(True, "ok")

    outcomes: SimpleQueue[Outcome] = SimpleQueue()
    lane = Lane(Transport("slow", "Slow", slow, lambda: ""), outcomes)
    lane.put([Notice(event="one"), Notice(event="two")])
    assert begun.wait(LONG)
    lane.put([Notice(event="critical"), Notice(event="critical too")], first=True)
    go_on.set()
    for _ in range(4):
        outcomes.get(timeout=LONG)
    lane.close()
    assert sent == ["one", "critical", "critical too", "two"]


def test_the_lease_outlives_the_time_to_begin() -> None:
    write_to("somebody@example.org")

    before = timezone.now()
    [claimed] = batches.claim(1, "host:1", 7.0)
    assert claimed.lease_until is not None
    assert (claimed.lease_until - before).total_seconds() >= 7 + 2 * 10


def test_sixty_cost_as_many_queries_as_one_each(mail: Mailbox, django_assert_max_num_queries: object) -> None:
    for number in range(60):
        write_to(f"somebody-{number}@example.org", event=f"ticket:{number}:1:opened")
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        all_due()
    assert set(states().values()) == {"sent"}


def test_what_calls_somebody_does_not_wait_behind_a_storm_of_alerts(
    settings: Any, mail: Mailbox, people: People
) -> None:
    write_to(people["tier1"], event="ticket:1:1:opened")
    write_to(people["tier1"], event="ticket:2:1:opened", priority=rules.CRITICAL)
    settings.NOTICE_DRAIN_SECONDS = 5.0
    read_delivery(str(uuid.uuid4()))
    assert states() == {"ticket:1:1:opened": "queued", "ticket:2:1:opened": "sent"}
