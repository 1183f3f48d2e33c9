"""Which notices that a worker has taken are to be sent: wanted still, told by no other one, not one of a storm."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Case, Count, Q, When
from django.utils import timezone

from zbmaint.notifications import rules, still_wanted
from zbmaint.notifications.actions import batches, notices
from zbmaint.notifications.models import Notice

DIGEST = "digest"
LATER_ONE = "A later notice about the same tells how things stand."
ONE_OF_MANY = "One of many at the same time."
NOBODY_WAITS = "Nothing that it would have told is wanted any more."
TOLD = (rules.SENDING, rules.SENT, rules.BUNDLED)


Sort = tuple[str, str, str, bool]


class Admission:
    """Decides for one worker, for as long as it goes on: it knows what it has let go and what is not yet recorded."""

    def __init__(self) -> None:
        self._let_go: Counter[Sort] = Counter()

    def admit(self, batch: Sequence[Notice]) -> list[Notice]:
        """Those of claimed notices that are to be sent, in their order; the others are ended, or not ours any more.

        A digest is filled with what it tells. What a person has sent again is always sent.
        """
        ours = set(batches.held(batch).values_list("pk", flat=True))
        mine = [notice for notice in batch if notice.pk in ours]
        mine = _without_unwanted([notice for notice in mine if notice.kind != DIGEST or _fill(notice)])
        mine = _without_told(mine)
        return self._without_storms(mine)

    def over(self, notice: Notice) -> None:
        """The attempt on an admitted notice is recorded."""
        if notice.collapses:
            self._let_go[_sort(notice)] -= 1

    def _without_storms(self, batch: Sequence[Notice]) -> list[Notice]:
        asked = [notice for notice in batch if notice.collapses]
        recent = _recent(asked) if asked and settings.NOTICE_BUNDLE_OVER > 0 else Counter()
        many: dict[Sort, list[Notice]] = defaultdict(list)
        for notice in asked:
            sort = _sort(notice)
            if rules.belongs_in_digest(recent[sort] + self._let_go[sort], settings.NOTICE_BUNDLE_OVER):
                many[sort].append(notice)
            else:
                self._let_go[sort] += 1
        for bundle in many.values():
            _into_digest(bundle)
        gone = {notice.pk for bundle in many.values() for notice in bundle}
        return [notice for notice in batch if notice.pk not in gone]


def _sort(notice: Notice) -> Sort:
    """Those of one kind to one recipient, critical ones apart from the others."""
    return notice.kind, notice.transport, notice.recipient, notice.priority <= rules.CRITICAL


def _recent(batch: Sequence[Notice]) -> Counter[Sort]:
    """How many of each sort of those in `batch` were sent within the window."""
    since = timezone.now() - dt.timedelta(seconds=settings.NOTICE_BUNDLE_SECONDS)
    sent = Notice.objects.filter(
        recipient__in={notice.recipient for notice in batch}, state=rules.SENT, settled_at__gt=since
    )
    critical = Case(When(priority__lte=rules.CRITICAL, then=True), default=False, output_field=BooleanField())
    rows = sent.annotate(critical=critical).values_list("kind", "transport", "recipient", "critical").order_by()
    return Counter({(kind, by, to, is_critical): n for kind, by, to, is_critical, n in rows.annotate(n=Count("pk"))})


def _without_unwanted(batch: Sequence[Notice]) -> list[Notice]:
    unwanted = still_wanted.why_not(batch)
    reasons: dict[str, list[Notice]] = defaultdict(list)
    for notice in batch:
        if why := unwanted.get(notice.pk):
            reasons[why].append(notice)
    for why, group in reasons.items():
        batches.end_unsent(group, rules.CANCELLED, why)
    return [notice for notice in batch if notice.pk not in unwanted]


def _without_told(batch: Sequence[Notice]) -> list[Notice]:
    """Without those that the last one about the same tells to the same recipient, which waits, is being sent or was."""
    asked = [notice for notice in batch if notice.collapses]
    if not asked:
        return list(batch)
    due = Q(state__in=rules.WAITING, next_attempt_at__lte=timezone.now())
    others = Notice.objects.filter(
        due | Q(state__in=TOLD),
        collapses=True,
        topic__in={notice.topic for notice in asked},
        recipient__in={notice.recipient for notice in asked},
        created_at__gte=min(notice.created_at for notice in asked),
    )
    last: dict[tuple[str, str, str], Notice] = {}
    for other in others.order_by("created_at", "pk").defer("payload"):
        last[other.topic, other.transport, other.recipient] = other
    kept = []
    for notice in batch:
        later = last.get((notice.topic, notice.transport, notice.recipient)) if notice.collapses else None
        if later is not None and (later.created_at, later.pk) > (notice.created_at, notice.pk):
            batches.end_unsent([notice], rules.BUNDLED, LATER_ONE, into=later)
        else:
            kept.append(notice)
    return kept


@transaction.atomic
def _into_digest(bundle: Sequence[Notice]) -> None:
    """Let a digest tell notices of one sort."""
    window = dt.timedelta(seconds=settings.NOTICE_BUNDLE_SECONDS)
    batches.end_unsent(bundle, rules.BUNDLED, ONE_OF_MANY, into=_digest_for(bundle[0], timezone.now(), window))


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


def _fill(digest: Notice) -> bool:
    """Write into a digest what is still wanted of what it holds. False, and ended, when that is nothing."""
    bundled = list(digest.bundled.filter(state=rules.BUNDLED).order_by("created_at", "pk"))
    unwanted = still_wanted.why_not(bundled)
    for notice in bundled:
        if why := unwanted.get(notice.pk):
            notices.drop_from_digest(notice, why)
    wanted = [notice for notice in bundled if notice.pk not in unwanted]
    if not wanted:
        batches.end_unsent([digest], rules.CANCELLED, NOBODY_WAITS)
        return False
    digest.subject = rules.digest_subject([str(notice.payload.get("many", "")) or "notices" for notice in wanted])
    lines = rules.digest_lines([notice.subject for notice in wanted])
    digest.payload = {"text": "They came at the same time, so they are told in one.", "lines": lines}
    digest.payload |= {"url": wanted[0].payload.get("many_url", "")}
    digest.save(update_fields=["subject", "payload"])
    return True
