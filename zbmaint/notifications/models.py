"""Notice: one message that leaves the product, to one recipient, by one transport."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from zbmaint.notifications import rules


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Finds notices."""

    def locked(self, *, skip_locked: bool = False) -> NoticeQuerySet:
        """Rows to be changed, without the payload, which may be large and never changes: saving leaves it alone."""
        return self.select_for_update(skip_locked=skip_locked).defer("payload")

    def waiting(self) -> NoticeQuerySet:
        """Notices that wait for their first or next attempt."""
        return self.filter(state__in=rules.WAITING)

    def first_of_their_topic(self) -> NoticeQuerySet:
        """Those that no earlier undelivered notice of the same topic holds back: a receiver gets a topic in order.

        What collapses holds nothing back and is held back by nothing: of several the last one tells it all.
        """
        earlier = Q(created_at__lt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__lt=OuterRef("pk"))
        same = {name: OuterRef(name) for name in ("topic", "transport", "recipient")}
        before = Notice.objects.filter(earlier, **same, state__in=rules.UNDELIVERED, collapses=False)
        return self.exclude(Q(collapses=False) & Exists(before))

    def dead(self) -> NoticeQuerySet:
        """Those that were given up and that nobody has looked after yet."""
        return self.filter(state=rules.DEAD)

    def at_work(self, now: dt.datetime) -> NoticeQuerySet:
        """Notices that a worker took less than a lease ago: workers with many slow ones are busy, not stuck."""
        return self.filter(lease_until__gt=now)

    def abandoned(self, now: dt.datetime) -> NoticeQuerySet:
        """Notices whose worker died while it sent them."""
        return self.filter(state=rules.SENDING, lease_until__lt=now)


class Notice(models.Model):
    """A row of the outbox. It is written in the transaction of what it tells; `zbmaint.notifications.actions` alone
    changes it.

    `id` is what the receiver knows the delivery by, over all attempts and resends. `event` names what happened, such as
    `run:12:finished`: one notice for each event, transport and recipient. Notices of one `topic` arrive in order.
    `token` fences: only who holds it may claim the notice or write how its attempt ended. `lease_until` says until when
    the last attempt is believed to live. `last_error` is for people, `answer` what the receiver said to the last one.
    No secret is stored: `recipient` is an e-mail address, or names where the transport finds the address; `person` is
    whom it is for, if that is one of ours.

    `still_wanted` names the check that is asked just before sending (see `zbmaint.notifications.still_wanted`).
    `priority`: what is lower goes first. `collapses`: of several that wait for one recipient about one topic only the
    last is sent, so its text must say how things stand; without, all are sent, in order. `into` is the one that told it
    instead, when it is `bundled`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    event = models.CharField(max_length=120)
    topic = models.CharField(max_length=80)
    subject = models.CharField(max_length=300, blank=True)
    transport = models.CharField(max_length=20)
    recipient = models.CharField(max_length=254)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=12, default=rules.QUEUED, choices=list(rules.MEANING.items()))
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    enqueued_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    give_up_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    answer = models.CharField(max_length=300, blank=True)
    still_wanted = models.CharField(max_length=60, blank=True)
    priority = models.PositiveSmallIntegerField(default=rules.NORMAL)
    collapses = models.BooleanField(default=False)
    into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="bundled")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        permissions = [("resend_notice", "May send a notice again, or cancel one that waits")]
        constraints = [
            models.UniqueConstraint(fields=["event", "transport", "recipient"], name="one_notice_a_recipient"),
        ]
        indexes = [
            models.Index(fields=["topic", "-created_at"], name="notice_by_topic"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=("queued", "failed")), name="notice_waiting"
            ),
            models.Index(fields=["lease_until"], name="notice_by_lease"),
            models.Index(fields=["-created_at", "-id"], name="notice_newest"),
            models.Index(fields=["recipient", "settled_at"], name="notice_by_recipient"),
            models.Index(fields=["settled_at"], condition=Q(state="dead"), name="notice_dead"),
            models.Index(fields=["priority"], condition=Q(state="queued", priority__lte=1), name="notice_urgent"),
            models.Index(fields=["priority", "created_at"], condition=Q(state="queued"), name="notice_in_turn"),
        ]

    def __str__(self) -> str:
        return self.subject or f"{self.kind} of {self.topic}"


class AttemptCount(models.Model):
    """How often attempts at a transport ended so (`result`: sent, failed, dead), added up over all rows.

    The database adds a row for every attempt of the webhook (a trigger on notices), so that nobody waits for anybody;
    purging makes one of many. Unlike notices these are kept: /metrics counts by them.
    """

    transport = models.CharField(max_length=20)
    result = models.CharField(max_length=12)
    number = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number} of {self.transport} {self.result}"
