"""Storing what a source delivers: whoever carries a live token, as it came, with the message that has it read.

The sender waits, and takes it elsewhere when it is not told soon. So it is one statement, which is one transaction, and
it does not wait long for locks.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import Error, connection, transaction
from django.utils import timezone

from incidents.actions.source_tokens import claimed_source, hashed
from incidents.intake.body import decode
from incidents.intake.catalog import CATALOG
from incidents.intake.group import Unreadable
from incidents.models import Delivery, Rejection, SourceToken
from incidents.models.delivery import State
from zbmaint.queue import door
from zbmaint.queue.door import QueueName

QUEUE: QueueName = "short"
JOB = "incidents.jobs.read_delivery"
# A locked or overloaded database must be told while the sender still listens.
PATIENCE = "SET LOCAL statement_timeout = '3s';"
MUCH_PATIENCE = "SET LOCAL statement_timeout = '15s';"  # for a body of many megabytes
USED = dt.timedelta(minutes=1)
# What is larger is decoded only for those who carry a token.
SMALL = 256 * 1024
HOLDER = "SELECT id, source_id, revoked_at, last_used_at, kind FROM incidents_sourcetoken WHERE hash = "
# Prepared once a session: planning it costs as much as doing it.
PREPARE = f"""
PREPARE {{}} (bytea, text, text, bytea, uuid, text) AS
WITH holder AS ({HOLDER} $1), allowed AS (
    SELECT source_id FROM holder WHERE revoked_at IS NULL AND kind = $2
), sent AS (
    INSERT INTO {door.TABLE} (key, payload, lock)
    SELECT '{QUEUE}', $6, statement_timestamp() FROM allowed
    RETURNING id
), stored AS (
    INSERT INTO incidents_delivery (
        source_id, received_at, content_type, body, state, refused, error, counts, attempts, enqueued_at, token, worker,
        message
    )
    SELECT
        source_id, statement_timestamp(), $3, $4, 'received', false, '', '{{{{}}}}', 0, statement_timestamp(), $5, '',
        sent.id
    FROM allowed, sent
    RETURNING id
)
SELECT holder.*, stored.id FROM holder LEFT JOIN stored ON true;
"""  # noqa: S608 - made of constants; what comes from outside is a parameter
FIND = f"{HOLDER} %(hash)s"
STORE = "EXECUTE {} (%(hash)s, %(kind)s, %(content_type)s, %(body)s, %(token)s, %(message)s)"
COUNT = """
INSERT INTO incidents_rejection (source_id, day, reason, count)
VALUES ((SELECT id FROM incidents_source WHERE id = %(source)s), %(day)s, %(reason)s, 1)
ON CONFLICT (source_id, day, reason) DO UPDATE SET count = incidents_rejection.count + 1
"""
Reason = Rejection.Reason
_names = count(1)
_prepared: WeakKeyDictionary[Any, str] = WeakKeyDictionary()  # the name of the statement in each session


@dataclass(frozen=True)
class Receipt:
    """That a delivery is stored. `problem` says why nothing can ever be made of it; empty when it will be read."""

    delivery: int
    problem: str = ""


class TurnedAway(Exception):
    """Whoever sends this has not shown that they may. It is counted, and nothing of it is kept."""


def store(kind: str, token: str, body: bytes, content_type: str, *, missing: int = 0) -> Receipt:
    """Keep a body that came to the door of `kind`; `missing` is how many bytes of it did not arrive.

    Raises TurnedAway; django.db.Error when it cannot be kept now.
    """
    found = {"hash": hashed(token)}
    if len(body) > SMALL:
        _live(_hurried(FIND, found), token)
    problem = _problem(kind, body, missing)
    if problem:
        row = _live(_hurried(FIND, found), token)
    else:
        row = _live(_stored(found | _row(kind, body, content_type)), token)
    pk, source_id, _, last_used_at, its_kind, *stored = row
    _note_use(pk, last_used_at)
    if its_kind != kind:
        label = CATALOG[its_kind].label
        problem = f"This token is of a source of the kind {label}: it delivers to /hooks/{its_kind}."
    if problem:
        return Receipt(keep_body(source_id, body, content_type, problem).pk, problem)
    return Receipt(stored[0])


def count_rejection(reason: Reason, token: str) -> None:
    """Count a request that was turned away, for the source that its token names, if there is one."""
    _hurried(COUNT, {"source": claimed_source(token), "day": timezone.now().date(), "reason": reason.value})


@transaction.atomic
def keep_body(source_id: int, body: bytes, content_type: str, problem: str = "") -> Delivery:
    """Write a delivery that no request brings and, unless it has a problem, the message that has it read."""
    now = timezone.now()
    delivery = Delivery(
        source_id=source_id, received_at=now, enqueued_at=now, content_type=content_type[:100], body=body
    )
    if problem:
        delivery.state, delivery.refused, delivery.error, delivery.settled_at = State.FAILED, True, problem, now
    else:
        send_message(delivery)
    delivery.save(force_insert=True)
    return delivery


def send_message(delivery: Delivery) -> None:
    """Queue the message that makes a worker read a delivery, which the caller saves with its number."""
    delivery.message = door.enqueue(JOB, str(delivery.token), queue=QUEUE)


def _row(kind: str, body: bytes, content_type: str) -> dict[str, Any]:
    token = str(uuid.uuid4())
    message = door.packed(JOB, token, queue=QUEUE)
    return {"kind": kind, "content_type": content_type[:100], "body": body, "token": token, "message": message}


def _stored(parameters: dict[str, Any]) -> Any:
    """The row of the token, and the number of the delivery that was stored, if the token allows it."""
    with connection.cursor() as cursor:
        session = connection.connection
        name = _prepared.get(session)
        first, name = ("", name) if name else (PREPARE, f"store_delivery_{next(_names)}")
        try:
            cursor.execute(
                (_patience(parameters["body"]) + first + STORE).format(*[name] * (2 if first else 1)), parameters
            )
        except Error:
            _prepared.pop(session, None)  # whatever it was, the next one is prepared anew
            raise
        _prepared[session] = name
        return _last_row(cursor)


def _patience(body: bytes) -> str:
    return PATIENCE if len(body) <= SMALL else MUCH_PATIENCE


def _hurried(statement: str, parameters: dict[str, Any]) -> Any:
    """Execute a statement that waits for nothing long, in one exchange; returns its first row, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE + statement, parameters)
        return _last_row(cursor)


def _last_row(cursor: Any) -> Any:
    """The first row of the last of its results, None when that gives none."""
    while cursor.nextset():
        pass
    return cursor.fetchone() if cursor.description else None


def _live(holder: Any, token: str) -> Any:
    """The row of a token that is live. Raises TurnedAway, after counting it."""
    if holder is not None and holder[2] is None:
        return holder
    reason = Reason.REVOKED_TOKEN if holder else Reason.WRONG_TOKEN if token else Reason.NO_TOKEN
    count_rejection(reason, token)
    raise TurnedAway(reason.label)


def _note_use(pk: int, last_used_at: dt.datetime | None) -> None:
    """Seldom, and never waited for: the row is the same one for everything that a source delivers."""
    now = timezone.now()
    if last_used_at is None or last_used_at < now - USED:
        with transaction.atomic():
            unlocked = SourceToken.objects.select_for_update(skip_locked=True).filter(pk=pk)
            if unlocked.exists():
                unlocked.update(last_used_at=now)


def _problem(kind: str, body: bytes, missing: int) -> str:
    """Why nothing can ever be made of a body; empty when it can."""
    if missing:
        return f"The body was cut off on its way: {missing:,} bytes are missing."
    try:
        CATALOG[kind].check(decode(body))
    except Unreadable as problem:
        return str(problem)
    return ""
