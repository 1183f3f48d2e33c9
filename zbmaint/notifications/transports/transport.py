"""What a transport is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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


Sender = Callable[[Notice], Delivery]


@dataclass(frozen=True)
class Transport:
    """A way out. `send` returns within NOTICE_SEND_SECONDS; it never raises for what the receiver or network does.

    `lacks` says, without sending anything, what is not set up: in a sentence, or "".

    `sending` gives a `send` for many, one after the other, that may keep a connection open until it is left. `at_once`
    is how many are sent side by side.
    """

    key: str
    title: str
    send: Sender
    lacks: Callable[[], str]
    at_once: int = 1
    kept_open: Callable[[], AbstractContextManager[Sender]] | None = None

    @contextmanager
    def sending(self) -> Iterator[Sender]:
        """For many notices in a row; for one thread."""
        if self.kept_open is None:
            yield self.send
            return
        with self.kept_open() as send:
            yield send
