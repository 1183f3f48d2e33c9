"""What is not sent: wanted no longer, told by a later one, one of a storm. And what goes first."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.mailbox import Mailbox
from tests.notifications.posting import make_due, messages, post, work, write_to
from tests.receivers import Receiver
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications import given_up, jobs, outbox, rules, still_wanted
from zbmaint.notifications.actions import notices
from zbmaint.notifications.models import Notice
from zbmaint.notifications.sweep import sweep

pytestmark = pytest.mark.django_db
People = dict[str, Person]


@pytest.fixture
def answers() -> Iterator[dict[str, str]]:
    """What the check `test.wanted` says of an event."""
    said: dict[str, str] = {}
    still_wanted.register("test.wanted", lambda asked: {notice.pk: said.get(notice.event, "") for notice in asked})
    yield said
    said.clear()


def states() -> dict[str, str]:
    return dict(Notice.objects.values_list("event", "state"))


def storm(person: Person, count: int, **facts: object) -> list[Notice]:
    """New tickets, all at once."""
    return [write_to(person, event=f"ticket:{number}:1:opened", **facts)[0] for number in range(count)]


def digests_are_due() -> None:
    for digest in Notice.objects.filter(kind="digest"):
        make_due(digest)
    sweep(timezone.now())


def test_what_is_wanted_no_longer_is_not_sent_and_says_why(
    mail: Mailbox, people: People, answers: dict[str, str]
) -> None:
    answers["ticket:1:1:opened"] = "INC-1 was resolved meanwhile."
    write_to(people["tier1"], event="ticket:1:1:opened", still_wanted="test.wanted")
    write_to(people["tier1"], event="ticket:2:1:opened", still_wanted="test.wanted")
    work()
    assert states() == {"ticket:1:1:opened": "cancelled", "ticket:2:1:opened": "sent"}
    assert Notice.objects.get(state="cancelled").last_error == "INC-1 was resolved meanwhile."
    assert len(mail.messages) == 1


def test_a_check_that_fails_or_that_nobody_knows_silences_nobody(mail: Mailbox, people: People) -> None:
    def broken(asked: Sequence[Notice]) -> dict[uuid.UUID, str]:
        raise RuntimeError

    still_wanted.register("test.broken", broken)
    write_to(people["tier1"], event="ticket:1:1:opened", still_wanted="test.broken")
    write_to(people["tier1"], event="ticket:2:1:opened", still_wanted="test.nobody")
    work()
    assert set(states().values()) == {"sent"}


def test_a_backlog_becomes_the_present_state_of_each_ticket(mail: Mailbox, people: People) -> None:
    for ticket in (1, 2):
        for version, event in enumerate(("opened", "assigned", "status"), start=1):
            write_to(people["tier1"], event=f"ticket:{ticket}:{version}:{event}")
            write_to(people["tier2"], event=f"ticket:{ticket}:{version}:{event}")
    work()
    assert sorted(mail.subjects) == sorted(
        [f"New medium incident: ticket:{ticket}:3:status" for ticket in (1, 2) for _ in range(2)]
    )
    told = Notice.objects.filter(state="bundled", topic="ticket:1", person=people["tier1"])
    assert {notice.into.event for notice in told if notice.into} == {"ticket:1:3:status"}
    assert len(told) == 2


def test_what_waits_for_the_morning_does_not_hold_back_what_is_critical_now(mail: Mailbox, people: People) -> None:
    morning = timezone.now() + dt.timedelta(hours=5)
    write_to(people["tier1"], event="ticket:1:1:opened", not_before=morning)
    write_to(people["tier1"], event="ticket:1:2:escalated", priority=rules.CRITICAL)
    work()
    assert states() == {"ticket:1:1:opened": "queued", "ticket:1:2:escalated": "sent"}
    make_due(Notice.objects.get(state="queued"))
    sweep(timezone.now())
    work()
    assert states()["ticket:1:1:opened"] == "bundled"  # what was sent later has told it


def test_what_waits_for_the_morning_goes_then(mail: Mailbox, people: People) -> None:
    notice = write_to(people["tier1"], not_before=timezone.now() + dt.timedelta(hours=5))[0]
    assert (work(), sweep(timezone.now()), len(mail.messages)) == (0, 0, 0)
    make_due(notice)
    assert (sweep(timezone.now()), work(), len(mail.messages)) == (1, 1, 1)


def test_a_storm_is_five_messages_and_one_digest(mail: Mailbox, people: People) -> None:
    storm(people["tier1"], 19)
    storm_of_another = write_to(people["tier2"], event="ticket:1:1:opened")
    work()
    assert len(mail.messages) == 6
    digest = Notice.objects.get(kind="digest")
    assert digest.next_attempt_at > timezone.now() + dt.timedelta(seconds=100)
    digests_are_due()
    work()
    assert len(mail.messages) == 7
    assert mail.subjects[-1] == "14 new tickets"
    assert "- New medium incident: ticket:5:1:opened" in mail.text()
    assert "and 2 more" in mail.text()
    assert Notice.objects.filter(into=digest, state="bundled").count() == 14
    assert Notice.objects.get(pk=storm_of_another[0].pk).state == "sent"


def test_a_digest_tells_only_what_is_still_wanted(mail: Mailbox, people: People, answers: dict[str, str]) -> None:
    storm(people["tier1"], 8, still_wanted="test.wanted")
    work()
    answers["ticket:6:1:opened"] = "INC-6 was resolved meanwhile."
    digests_are_due()
    work()
    assert mail.subjects[-1] == "2 new tickets"
    assert Notice.objects.get(event="ticket:6:1:opened").state == "cancelled"


def test_a_digest_of_nothing_is_not_sent(mail: Mailbox, people: People, answers: dict[str, str]) -> None:
    storm(people["tier1"], 6, still_wanted="test.wanted")
    work()
    answers["ticket:5:1:opened"] = "INC-5 was resolved meanwhile."
    digests_are_due()
    work()
    assert (len(mail.messages), Notice.objects.get(kind="digest").state) == (5, "cancelled")


def test_the_first_critical_ones_are_never_bundled(mail: Mailbox, people: People) -> None:
    storm(people["tier1"], 20)
    work()
    write_to(people["tier1"], event="ticket:99:1:opened", subject="New critical incident", priority=rules.CRITICAL)
    work()
    assert mail.subjects[-1] == "New critical incident"


def test_what_is_critical_goes_before_what_has_waited_longer(mail: Mailbox, people: People) -> None:
    write_to(people["tier1"], event="ticket:1:1:opened")
    write_to(people["tier2"], event="ticket:2:1:opened")
    write_to(people["tier3"], event="ticket:3:1:opened", subject="critical", priority=rules.CRITICAL)
    write_to(people["lead"], event="test:1", subject="test", priority=rules.TEST)
    work()
    assert mail.subjects[:2] == ["test", "critical"]
    assert len(mail.messages) == 4


def test_cancelling_by_topic_is_part_of_the_callers_transaction(people: People, mail: Mailbox) -> None:
    for event in ("ticket:1:1:opened", "ticket:1:2:status", "ticket:2:1:opened"):
        write_to(people["tier1"], event=event)
    with transaction.atomic():
        assert outbox.cancel(topic="ticket:1", kinds={"ticket.opened"}, why="ann acknowledged it.") == 1
        transaction.set_rollback(True)
    assert set(states().values()) == {"queued"}
    outbox.cancel(topic="ticket:1", kinds={"ticket.opened"}, why="ann acknowledged it.")
    work()
    assert states() == {"ticket:1:1:opened": "cancelled", "ticket:1:2:status": "sent", "ticket:2:1:opened": "sent"}


def test_a_webhook_is_never_bundled_nor_cancelled_by_topic(monitoring: Receiver) -> None:
    for number in range(9):
        post(f"run:1:{number}")
    assert outbox.cancel(topic="run:1", kinds={"maintenance.run_finished"}, why="") == 0
    while work():
        pass
    assert len(monitoring.received) == 9


def test_what_a_person_sends_again_is_sent_whatever_else_told_it(mail: Mailbox, people: People) -> None:
    first, _ = write_to(people["tier1"], event="ticket:1:1:opened"), write_to(people["tier1"], event="ticket:1:2:x")
    work()
    notices.resend(Notice.objects.get(pk=first[0].pk), people["lead"])
    work()
    assert len(mail.messages) == 2
    assert set(states().values()) == {"sent"}


def test_one_that_is_dead_is_told_to_whose_topic_it_is_and_can_be_let_be(mail: Mailbox, people: People) -> None:
    heard: list[tuple[str, str]] = []
    given_up.register("test", lambda notice, why: heard.append((notice.topic, why)))
    mail.refuses["RCPT"] = ["550 no"]
    notice = write_to(people["tier1"], event="test:1:x", topic="test:1")[0]
    work()
    assert heard == [("test:1", "550 no")]
    notices.cancel(notice, people["lead"])
    assert states() == {"test:1:x": "cancelled"}
    assert AuditEntry.objects.filter(verb="notice_cancelled").count() == 1


def test_what_was_bundled_is_not_cancelled_by_hand(mail: Mailbox, people: People) -> None:
    first = write_to(people["tier1"], event="ticket:1:1:opened")[0]
    write_to(people["tier1"], event="ticket:1:2:x")
    work()
    with pytest.raises(notices.NoticeRefused, match="does not wait any more"):
        notices.cancel(first, people["lead"])


def test_a_worker_goes_on_with_what_else_is_due_and_their_messages_find_it_done(
    mail: Mailbox, people: People, settings: Any
) -> None:
    settings.NOTICE_DRAIN_SECONDS = 5.0
    for number, name in enumerate(("tier1", "tier2", "tier3")):
        write_to(people[name], event=f"ticket:{number}:1:opened")
    write_to(people["lead"], event="ticket:9:1:opened", not_before=timezone.now() + dt.timedelta(hours=1))
    first, *others = messages()
    jobs.deliver(*first)
    assert len(mail.messages) == 3
    for message in others:
        jobs.deliver(*message)
    assert len(mail.messages) == 3
    assert Notice.objects.get(state="queued").person == people["lead"]
