"""Whether a notice that a worker has taken is to be sent: wanted still, told by no other one, not one of a storm."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zbmaint.notifications import rules, still_wanted
from zbmaint.notifications.actions import notices
from zbmaint.notifications.models import Notice

DIGEST = "digest"
LATER_ONE = "A later notice about the same tells how things stand."
ONE_OF_MANY = "One of many at the same time."
NOBODY_WAITS = "Nothing that it would have told is wanted any more."
TOLD = (rules.SENDING, rules.SENT, rules.BUNDLED)


def admit(notice: Notice) -> str | None:
    """The state in which a claimed notice ends without being sent; None when it is to be sent.

    A digest is filled with what it tells. What a person has sent again is always sent.
    """
    if notice.kind == DIGEST:
        return _fill(notice)
    if why := still_wanted.why_not(notice):
        return notices.end_unsent(notice, rules.CANCELLED, why)
    if not notice.collapses:
        return None
    now = timezone.now()
    due = Q(state__in=rules.WAITING, next_attempt_at__lte=now)
    later = Notice.objects.later_than(notice).filter(due | Q(state__in=TOLD)).order_by("-created_at", "-pk").first()
    if later is not None:
        return notices.end_unsent(notice, rules.BUNDLED, LATER_ONE, into=later)
    window = dt.timedelta(seconds=settings.NOTICE_BUNDLE_SECONDS)
    recent = Notice.objects.like(notice).filter(state=rules.SENT, settled_at__gt=now - window).count()
    if not rules.belongs_in_digest(recent, settings.NOTICE_BUNDLE_OVER):
        return None
    with transaction.atomic():
        return notices.end_unsent(notice, rules.BUNDLED, ONE_OF_MANY, into=_digest_for(notice, now, window))


def _digest_for(notice: Notice, now: dt.datetime, window: dt.timedelta) -> Notice:
    """The digest that waits for more like `notice`, locked so that it does not leave meanwhile; a new one without."""
    topic = f"{DIGEST}:{notice.kind}"[:80]
    same = {name: getattr(notice, name) for name in ("transport", "recipient", "person_id", "priority")}
    open_ones = Notice.objects.locked().filter(**same, kind=DIGEST, topic=topic, state=rules.QUEUED)
    if (waiting := open_ones.filter(next_attempt_at__gt=now).order_by("created_at").first()) is not None:
        return waiting
    at = now + window
    return Notice.objects.create(
        **same,
        kind=DIGEST,
        topic=topic,
        event=f"{DIGEST}:{uuid.uuid4()}",
        subject="Several notices in one",
        payload={},
        occurred_at=now,
        created_at=now,
        enqueued_at=now,
        next_attempt_at=at,
        give_up_at=at + dt.timedelta(hours=settings.NOTICE_GIVE_UP_HOURS),
    )


def _fill(digest: Notice) -> str | None:
    """Write into a digest what is still wanted of what it holds."""
    wanted = []
    for notice in digest.bundled.filter(state=rules.BUNDLED).order_by("created_at", "pk"):
        if why := still_wanted.why_not(notice):
            notices.drop_from_digest(notice, why)
        else:
            wanted.append(notice)
    if not wanted:
        return notices.end_unsent(digest, rules.CANCELLED, NOBODY_WAITS)
    digest.subject = rules.digest_subject([str(notice.payload.get("many", "")) or "notices" for notice in wanted])
    lines = rules.digest_lines([notice.subject for notice in wanted])
    digest.payload = {"text": "They came at the same time, so they are told in one.", "lines": lines}
    digest.payload |= {"url": wanted[0].payload.get("many_url", "")}
    digest.save(update_fields=["subject", "payload"])
    return None
