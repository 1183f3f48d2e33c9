"""What may be done to a delivery: claimed, given back, settled, tried again. Every change of its state is here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, Func, QuerySet
from django.utils import timezone

from incidents.actions.refusals import DeskRefused
from incidents.actions.storing import JOB, QUEUE, send_message
from incidents.models import Delivery, EarlyResolve
from incidents.models.delivery import State
from incidents.rules import episodes
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.queue.door import lost, withdraw

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 5
BATCH = 500
# What is read in one transaction: so many, of so many bytes in all. One that is larger is read alone.
MOST_TOGETHER, LARGEST_TOGETHER = 100, 1024 * 1024
# A message that nobody has taken for this long may have vanished, or lie in a cluster that died.
PATIENCE = dt.timedelta(seconds=60)
GAVE_UP = f"Reading it was begun {MOST_ATTEMPTS} times and never ended: the worker died, or the database was away."


def claim(token: str, worker: str) -> list[Delivery]:
    """Take a delivery for reading, as `worker` (host:pid), and others of its source that wait, to be read with it.

    They come in the order in which they came here; their own messages are taken back. None when somebody else has it,
    or it is settled. One that was begun before comes alone: if it kills its worker, it must not take others along.
    """
    return _claimed(Delivery.objects.filter(token=token, state=State.RECEIVED), worker)


def claim_waiting(worker: str) -> list[Delivery]:
    """The same for the one that waits longest and was not begun before."""
    return _claimed(_fresh().order_by("enqueued_at"), worker)


@transaction.atomic
def _claimed(wanted: QuerySet[Delivery], worker: str) -> list[Delivery]:
    row = wanted.select_for_update(skip_locked=True).values_list("pk", "source_id", "attempts")[:1]
    if not row:
        return []
    pk, source_id, attempts = row[0]
    taken = {pk} if attempts else {pk, *_beside(source_id)}
    lease = timezone.now() + dt.timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
    mine = Delivery.objects.filter(pk__in=taken)
    mine.update(state=State.PROCESSING, worker=worker, lease_until=lease)
    claimed = list(mine.select_related("source__category").order_by("pk"))
    withdraw([delivery.message for delivery in claimed if delivery.message is not None])
    return claimed


def _beside(source_id: int) -> Iterator[int]:
    """The oldest of a source that wait, locked: not too many, and not too much, for one transaction."""
    size, mine = 0, _fresh().filter(source=source_id).order_by("enqueued_at")
    sizes = mine.annotate(size=Func("body", function="octet_length", output_field=BigIntegerField()))
    for pk, more in sizes.select_for_update(skip_locked=True).values_list("pk", "size")[:MOST_TOGETHER]:
        size += more
        if size > LARGEST_TOGETHER:
            return
        yield pk


def _fresh() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=State.RECEIVED, attempts=0)


def held(claimed: Sequence[Delivery]) -> list[Delivery]:
    """Those of claimed deliveries that were not given to somebody else meanwhile, locked until the transaction ends."""
    mine = set(_still(claimed).order_by("pk").select_for_update().values_list("pk", flat=True))
    return [delivery for delivery in claimed if delivery.pk in mine]


def settle(claimed: Sequence[Delivery], *, counts: dict[str, int] | None = None, error: str = "") -> int:
    """Write what became of claimed deliveries, unless they were given to somebody else meanwhile; returns how many."""
    state = State.FAILED if error else State.PROCESSED
    return _still(claimed).update(state=state, counts=counts or {}, error=error, settled_at=timezone.now())


def let_go(claimed: Sequence[Delivery]) -> None:
    """End the lease of claimed deliveries, so that the sweep brings them back at once."""
    _still(claimed).update(lease_until=timezone.now())


def _still(claimed: Sequence[Delivery]) -> QuerySet[Delivery]:
    """Those that are still ours: who has got one meanwhile has given it another token."""
    tokens = [delivery.token for delivery in claimed]
    return Delivery.objects.filter(token__in=tokens, state=State.PROCESSING)


@transaction.atomic
def give_back(pk: int, now: dt.datetime) -> bool:
    """Let another worker read what one has held too long; what is begun too often is given up."""
    delivery = Delivery.objects.select_for_update(skip_locked=True).defer("body").abandoned(now).filter(pk=pk).first()
    if delivery is None:
        return False
    delivery.attempts += 1
    if delivery.attempts >= MOST_ATTEMPTS:
        delivery.state, delivery.error, delivery.settled_at = State.FAILED, GAVE_UP, now
        delivery.save(update_fields=["state", "error", "settled_at", "attempts"])
        return True
    _queue(delivery, now)
    return True


@transaction.atomic
def try_again(pk: int, *, actor: Person) -> Delivery:
    """Read a failed one once more. Raises DeskRefused for another one, Delivery.DoesNotExist."""
    delivery = _failed(pk)
    delivery.attempts, delivery.error, delivery.settled_at = 0, "", None
    _queue(delivery, timezone.now())
    record("delivery_tried_again", delivery.source, actor, after={"delivery": delivery.pk})
    return delivery


@transaction.atomic
def dismiss(pk: int, *, actor: Person) -> Delivery:
    """Let a failed one be; it is kept all the same. Raises DeskRefused for another one, Delivery.DoesNotExist."""
    delivery = _failed(pk)
    delivery.state = State.DISMISSED
    delivery.save(update_fields=["state"])
    record("delivery_dismissed", delivery.source, actor, after={"delivery": delivery.pk, "error": delivery.error})
    return delivery


def _failed(pk: int) -> Delivery:
    """A failed one, locked, with its source."""
    delivery = Delivery.objects.select_for_update(of=("self",)).defer("body").select_related("source").get(pk=pk)
    if delivery.state != State.FAILED:
        raise DeskRefused(f"{delivery} is not one that failed: {delivery.get_state_display().lower()}.")
    return delivery


def sweep(now: dt.datetime) -> int:
    """Bring back what dead workers held, and messages that vanished; returns how many deliveries were queued again."""
    count = 0
    for pk in list(Delivery.objects.abandoned(now).values_list("pk", flat=True)[:BATCH]):
        if give_back(pk, now):
            log.error("delivery.worker_died", delivery=pk)
            count += 1
    waiting = Delivery.objects.filter(state=State.RECEIVED, enqueued_at__lt=now - PATIENCE).order_by("id")
    overdue = {(str(token),): (pk, token) for pk, token in waiting.values_list("pk", "token")[:BATCH]}
    gone = lost(QUEUE, JOB, overdue.keys(), now - PATIENCE)
    return count + sum(_replace_message(pk, token, now) for call, (pk, token) in overdue.items() if call in gone)


def forget_early(now: dt.datetime) -> int:
    """Log ends of alerts that never fired, and forget them; returns how many."""
    old = EarlyResolve.objects.filter(received_at__lt=now - episodes.PATIENCE).select_related("source")
    rows = list(old[:BATCH])
    for row in rows:
        if not row.matched:
            log.warning("alert.resolve_unmatched", source=row.source.slug, alert=row.name, fingerprint=row.fingerprint)
    EarlyResolve.objects.filter(pk__in=[row.pk for row in rows], received_at__lt=now - episodes.PATIENCE).delete()
    return len(rows)


@transaction.atomic
def _replace_message(pk: int, token: uuid.UUID, now: dt.datetime) -> bool:
    mine = Delivery.objects.select_for_update(skip_locked=True).defer("body")
    delivery = mine.filter(pk=pk, token=token, state=State.RECEIVED).first()
    if delivery is None:
        return False
    _queue(delivery, now)
    return True


def _queue(delivery: Delivery, now: dt.datetime) -> None:
    """With a new token: whoever had the old one can write nothing any more."""
    delivery.state, delivery.token, delivery.enqueued_at, delivery.lease_until = State.RECEIVED, uuid.uuid4(), now, None
    send_message(delivery)
    changed = ["state", "token", "enqueued_at", "lease_until", "attempts", "error", "settled_at", "message"]
    delivery.save(update_fields=changed)
