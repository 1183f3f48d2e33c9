"""What a transport is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zbmaint.notifications.models import Notice


@dataclass(frozen=True)
class Delivery:
    """How one attempt ended: `says` is for people and holds no secret, `status` is the receiver's, if it has such.

    `permanent`: trying again would not help. `fault`: what went wrong with one that was sent all the same.
    """

    sent: bool
    says: str
    status: int | None = None
    permanent: bool = False
    fault: str = ""


@dataclass(frozen=True)
class Transport:
    """A way out. `send` returns within NOTICE_SEND_SECONDS; it never raises for what the receiver or network does.

    `lacks` says, without sending anything, what is not set up: in a sentence, or "".
    """

    key: str
    title: str
    send: Callable[[Notice], Delivery]
    lacks: Callable[[], str]
