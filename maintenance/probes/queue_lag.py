"""Queue lag: how long the oldest message has waited in a queue of the product."""

from __future__ import annotations

from typing import Any, Final

from maintenance.connectors.postgres_ping import with_answer
from maintenance.connectors.problems import ConnectionProblem
from maintenance.models.probe import Component
from maintenance.models.target import OWN
from maintenance.probes.kind import (
    BadParameter,
    Kind,
    Look,
    Order,
    Parameter,
    Parameters,
    degraded,
    down,
    number,
    text,
    up,
)
from maintenance.rules.probe_states import UNKNOWN
from zbmaint.queue.door import QUEUES
from zbmaint.queue.lag import LONGEST_WAIT
from zbmaint.ui.words import duration_in_words

LONGEST: Final = 7 * 86_400


def check(given: Parameters) -> dict[str, Any]:
    """The queue, and which waits are too long, in seconds."""
    queue = text(given, "queue", 20)
    if queue not in QUEUES:
        raise BadParameter("queue", f"Choose one of {', '.join(QUEUES)}.")
    kept = {
        "degraded_seconds": number(given, "degraded_seconds", 1, LONGEST),
        "down_seconds": number(given, "down_seconds", 1, LONGEST),
    }
    if kept["down_seconds"] < kept["degraded_seconds"]:
        raise BadParameter(
            "down_seconds", "What counts as down must not be a shorter wait than what counts as degraded."
        )
    return {"queue": queue, **kept}


def look(order: Order) -> Look:
    """Ask our own database."""
    given = order.parameters
    try:
        row = with_answer(OWN, order.seconds, LONGEST_WAIT, {"queue": given["queue"]})
    except ConnectionProblem as problem:
        # Of the queue itself nothing is known then.
        return Look(UNKNOWN, f"The queues cannot be read. {problem}", answered=False)
    waited = float(row["seconds"])
    says = f"The oldest of {row['messages']:,} waiting messages has waited {duration_in_words(waited)}."
    if waited >= given["down_seconds"]:
        return down(says)
    if waited >= given["degraded_seconds"]:
        return degraded(says)
    return up()


def place(given: Parameters) -> str:
    """The queue."""
    return str(given.get("queue", ""))


KIND: Final = Kind(
    key="queue_lag",
    title="Queue lag",
    parameters=(
        Parameter(
            "queue",
            "Queue",
            form="choice",
            default=QUEUES[0],
            required=True,
            choices=[(queue, queue) for queue in QUEUES],
        ),
        Parameter("degraded_seconds", "Degraded from (s)", form="number", default=60),
        Parameter("down_seconds", "Down from (s)", form="number", default=300),
    ),
    check=check,
    look=look,
    place=place,
    remote=False,
    component=Component.QUEUE,
)
