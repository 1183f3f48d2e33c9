"""What is new in what a source says of an alert that is known. Pure, tested by table.

An episode of an alert begins at its `startsAt`. Sources deliver at least once and, with replicas, not always in order.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FIRING: Final = "firing"
RESOLVED: Final = "resolved"
# How long the trigger of a resolve that came first may take; it is then an episode that has ended already.
PATIENCE: Final = dt.timedelta(minutes=5)


class News(StrEnum):
    """What it is."""

    FIRED = "fired"  # it was not known
    AGAIN = "again"  # a new episode of one that was known
    REPEATED = "repeated"  # what was known already: counted, no news
    LATE = "late"  # what something newer has overtaken: counted, no news
    RESOLVED = "resolved"  # its episode has ended
    UNMATCHED = "unmatched"  # the end of what was never seen


@dataclass(frozen=True)
class Known:
    """An alert as it is known: its episode, and when it was last told, and told to be resolved."""

    status: str
    starts_at: dt.datetime | None
    last_seen_at: dt.datetime
    resolved_at: dt.datetime | None = None


def judge(known: Known | None, status: str, starts_at: dt.datetime | None, received_at: dt.datetime) -> News:
    """What is new when `status` of the episode that began at `starts_at` came at `received_at`.

    `starts_at` None: the source does not say, and what came later is newer.
    """
    if status == FIRING:
        return _firing(known, starts_at, received_at)
    if known is None:
        return News.UNMATCHED
    if known.status == RESOLVED:
        return News.REPEATED
    if starts_at is not None and known.starts_at is not None:
        return News.LATE if starts_at < known.starts_at else News.RESOLVED
    return News.LATE if received_at < known.last_seen_at else News.RESOLVED


def _firing(known: Known | None, starts_at: dt.datetime | None, received_at: dt.datetime) -> News:
    if known is None:
        return News.FIRED
    newer = starts_at is not None and known.starts_at is not None and starts_at > known.starts_at
    if newer:
        return News.AGAIN
    if known.status == FIRING:
        return News.REPEATED
    ended = known.resolved_at or known.last_seen_at
    if starts_at is None:
        return News.AGAIN if received_at > ended else News.LATE
    # The same episode: a replica of the source that lags. After a while it is believed, or an alert would be lost
    # that its source has resolved only because it heard nothing of it for a while.
    return News.LATE if received_at <= ended + PATIENCE else News.AGAIN


def is_over(
    starts_at: dt.datetime | None,
    received_at: dt.datetime,
    *,
    resolved: dt.datetime | None,
    resolved_received_at: dt.datetime,
) -> bool:
    """Whether an episode has ended already, by a resolve that came before it fired; `resolved` is when that one began.

    Without those times only the order in which they came counts.
    """
    if starts_at is None or resolved is None:
        return received_at <= resolved_received_at
    return starts_at <= resolved and received_at <= resolved_received_at + PATIENCE
