"""Who is told that a notice was given up: the app whose topic it has, by the word before the colon.

An app registers a function in its module `wanted`: `given_up.register("ticket", tell)`. It gets the notice and why, and
is called after the notice is dead, in no transaction.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from zbmaint.notifications.models import Notice

Teller = Callable[[Notice, str], None]
_tellers: dict[str, Teller] = {}
log = structlog.get_logger(__name__)


def register(topic: str, teller: Teller) -> None:
    """Let `teller` hear of the topics `topic:…`; registering it again changes nothing."""
    _tellers[topic] = teller


def tell(notice: Notice, why: str) -> None:
    """Tell whose topic it is. A teller that fails changes nothing: the notice is dead, and counted as that."""
    teller = _tellers.get(notice.topic.partition(":")[0])
    if teller is None:
        return
    try:
        teller(notice, why)
    except Exception:
        log.exception("notice.teller_failed", notice=str(notice.pk))
