"""What may be done to a notice. Every change of its state goes through here."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.notifications import rules
from zbmaint.notifications.models import Notice
from zbmaint.notifications.outbox import send_message
from zbmaint.notifications.transports.transport import Delivery

BUSY = "It is being sent at this moment. Try again when that has ended."
RESENT_AT_ONCE = 500
STOPPABLE = rules.WAITING | {rules.DEAD}
WORKER_DIED = "The worker died while it sent this; whether it arrived is not known."


class NoticeRefused(Exception):
    """What was asked of a notice cannot be done; the message is for people."""


@transaction.atomic
def claim(notice_id: str, token: str, worker: str, seconds: float = 0.0) -> Notice | None:
    """Take a waiting notice for this worker. None for an old message, and while an earlier notice of its topic waits.

    The attempt counts from here: a worker that dies has tried. It is begun within `seconds`.
    """
    mine = Notice.objects.filter(pk=notice_id, token=token).waiting().first_of_their_topic()
    lease = dt.timedelta(seconds=seconds + settings.NOTICE_LEASE_SECONDS)
    taken = mine.update(
        state=rules.SENDING, worker=worker, attempts=F("attempts") + 1, lease_until=timezone.now() + lease
    )
    return Notice.objects.select_related("person").get(pk=notice_id) if taken else None


@transaction.atomic
def settle(notice: Notice, delivery: Delivery) -> str | None:
    """Write how the attempt on a claimed notice ended; returns its new state. None when it is not ours any more."""
    held = Notice.objects.locked().filter(pk=notice.pk, token=notice.token, state=rules.SENDING).first()
    if held is None:
        return None
    held.last_status = delivery.status
    if delivery.sent:
        held.last_error, held.answer = delivery.fault, delivery.says[:300]
        _settle_as(held, rules.SENT)
    else:
        _fail(held, delivery.says, for_good=delivery.permanent)
    return held.state


def release(notice: Notice) -> None:
    """Put a notice, which is claimed, ours and locked, back as if it had not been taken."""
    notice.state, notice.attempts, notice.lease_until = rules.QUEUED, notice.attempts - 1, None
    send_again(notice)


def drop_from_digest(notice: Notice, why: str) -> None:
    """Cancel a notice that a digest would have told, because of `why`."""
    still = Notice.objects.filter(pk=notice.pk, state=rules.BUNDLED)
    still.update(state=rules.CANCELLED, last_error=why, settled_at=timezone.now())


@transaction.atomic
def give_back(notice_id: uuid.UUID, now: dt.datetime) -> bool:
    """Count the attempt of a worker that died as failed. False when it ended, or was given back, in the meantime."""
    notice = Notice.objects.locked().abandoned(now).filter(pk=notice_id).first()
    if notice is None:
        return False
    notice.last_status = None
    _fail(notice, WORKER_DIED)
    return True


@transaction.atomic
def queue_again(notice_id: uuid.UUID, token: uuid.UUID) -> bool:
    """Send a waiting notice to the workers again; its old message does nothing any more. False when it has moved on."""
    notice = Notice.objects.locked().waiting().filter(pk=notice_id, token=token).first()
    if notice is None:
        return False
    send_again(notice)
    return True


@transaction.atomic
def resend(notice: Notice, actor: Person | None) -> Notice:
    """Deliver a notice (again) at once, with the same delivery id and a new 48 hours. Raises NoticeRefused."""
    notice = Notice.objects.locked().get(pk=notice.pk)
    if not rules.may_follow(notice.state, rules.QUEUED):
        raise NoticeRefused(BUSY if notice.state == rules.SENDING else "It waits to be sent already.")
    before = {"state": notice.state, "attempts": notice.attempts, "last_error": notice.last_error}
    notice.state, notice.attempts, notice.last_error, notice.settled_at = rules.QUEUED, 0, "", None
    # Who sends it again wants it sent, whatever else has told it.
    notice.still_wanted, notice.collapses, notice.into, notice.answer = "", False, None, ""
    notice.next_attempt_at = timezone.now()
    notice.give_up_at = notice.next_attempt_at + dt.timedelta(hours=settings.NOTICE_GIVE_UP_HOURS)
    send_again(notice)
    record("notice_resent", notice, actor, before=before, after={"state": notice.state})
    return notice


def resend_dead(among: QuerySet[Notice], actor: Person | None) -> int:
    """Deliver those of `among` again that were given up, the oldest first, at most RESENT_AT_ONCE; returns how many."""
    count = 0
    for notice in among.filter(state=rules.DEAD).defer("payload").order_by("created_at", "pk")[:RESENT_AT_ONCE]:
        with suppress(NoticeRefused):  # somebody was faster
            resend(notice, actor)
            count += 1
    return count


@transaction.atomic
def cancel(notice: Notice, actor: Person | None) -> Notice:
    """Send a waiting notice no more, or let a dead one be. Raises NoticeRefused for any other."""
    notice = Notice.objects.locked().get(pk=notice.pk)
    if notice.state not in STOPPABLE:
        raise NoticeRefused(BUSY if notice.state == rules.SENDING else "It does not wait any more.")
    before = {"state": notice.state}
    _settle_as(notice, rules.CANCELLED)
    record("notice_cancelled", notice, actor, before=before, after={"state": notice.state})
    return notice


def _fail(notice: Notice, why: str, *, for_good: bool = False) -> None:
    now = timezone.now()
    notice.last_error = why
    chance = random.random()  # noqa: S311  # spreads attempts; nobody gains by guessing it
    at = None if for_good else rules.next_attempt(notice.attempts, chance, now, notice.give_up_at)
    if at is None:
        _settle_as(notice, rules.DEAD)
        record("notice_given_up", notice, None, after={"attempts": notice.attempts, "last_error": why})
        return
    notice.state, notice.next_attempt_at, notice.token = rules.FAILED, at, uuid.uuid4()
    notice.save()


def _settle_as(notice: Notice, state: str) -> None:
    """End a notice, and let the next of its topic go."""
    notice.state, notice.settled_at, notice.token = state, timezone.now(), uuid.uuid4()
    notice.save()
    if notice.collapses:
        return  # nothing waits behind it
    same = Notice.objects.filter(topic=notice.topic, transport=notice.transport, recipient=notice.recipient)
    # The oldest that waits: nothing older is left, for this one would not have been taken before it.
    following = same.waiting().order_by("created_at", "pk").locked(skip_locked=True).first()
    if following is not None and following.next_attempt_at <= timezone.now():
        send_again(following)


def send_again(notice: Notice) -> None:
    """Hand a notice, which waits and is locked, to the workers by a new message; its old one does nothing any more."""
    notice.token, notice.enqueued_at = uuid.uuid4(), timezone.now()
    notice.save()
    send_message(notice)
