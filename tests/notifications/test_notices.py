"""What a person may do to a notice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from tests.notifications.posting import messages, post, work
from tests.receivers import Receiver, status
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications.actions import notices
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["sent", "failed", "dead", "cancelled"])
def test_what_has_ended_or_failed_is_sent_again_with_the_same_id(
    monitoring: Receiver, people: dict[str, Person], state: str
) -> None:
    notice = post()
    work()
    Notice.objects.update(state=state, attempts=7, last_error="HTTP 500", give_up_at=timezone.now())
    notices.resend(notice, people["lead"])
    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.last_error, notice.settled_at) == ("queued", 0, "", None)
    assert notice.give_up_at > timezone.now() + dt.timedelta(hours=47)
    assert messages() == [(str(notice.pk), str(notice.token))]
    work()
    assert {seen.headers["X-Zbmaint-Delivery"] for seen in monitoring.received} == {str(notice.pk)}
    assert len(monitoring.received) == 2
    entry = AuditEntry.objects.get(verb="notice_resent")
    assert (entry.actor, entry.before) == (
        people["lead"],
        {"state": state, "attempts": 7, "last_error": "HTTP 500"},
    )


def test_what_waits_or_is_under_way_is_not_sent_twice(people: dict[str, Person]) -> None:
    notice = post()
    with pytest.raises(notices.NoticeRefused, match="waits to be sent already"):
        notices.resend(notice, people["lead"])
    notices.claim(str(notice.pk), str(notice.token), "host:1")
    with pytest.raises(notices.NoticeRefused, match="being sent at this moment"):
        notices.resend(notice, people["lead"])
    with pytest.raises(notices.NoticeRefused, match="being sent at this moment"):
        notices.cancel(notice, people["lead"])
    assert not AuditEntry.objects.filter(verb__startswith="notice_").exists()


def test_what_waits_can_be_cancelled_and_its_message_does_nothing_then(
    monitoring: Receiver, people: dict[str, Person]
) -> None:
    monitoring.answers = [status(200)]
    first, second = post("run:1:a"), post("run:1:b")
    notices.cancel(first, people["lead"])
    while work():
        pass
    assert [seen.headers["X-Zbmaint-Delivery"] for seen in monitoring.received] == [str(second.pk)]
    assert Notice.objects.get(pk=first.pk).state == "cancelled"
    assert AuditEntry.objects.get(verb="notice_cancelled").actor == people["lead"]


def test_what_was_delivered_cannot_be_cancelled(monitoring: Receiver, people: dict[str, Person]) -> None:
    notice = post()
    work()
    with pytest.raises(notices.NoticeRefused, match="does not wait any more"):
        notices.cancel(notice, people["lead"])
