"""Whether a notice is still wanted, asked just before it is sent, of whoever posted it.

An app registers a check under a name, in its module `wanted`: `still_wanted.register("ticket.waits", check)`, and posts
notices with that name. The check gets the notice and returns why it is wanted no longer, in a sentence, or "".
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from zbmaint.notifications.models import Notice

Check = Callable[[Notice], str]
_checks: dict[str, Check] = {}
log = structlog.get_logger(__name__)


def register(name: str, check: Check) -> None:
    """Let `check` answer for the notices that name it; registering it again changes nothing."""
    _checks[name] = check


def why_not(notice: Notice) -> str:
    """Why `notice` is wanted no longer; empty while it is, and when nobody can say: then it had better be sent."""
    check = _checks.get(notice.still_wanted)
    if check is None:
        if notice.still_wanted:
            log.error("notice.unknown_check", notice=str(notice.pk), check=notice.still_wanted)
        return ""
    try:
        return check(notice)
    except Exception:  # a check that fails must not silence anybody
        log.exception("notice.check_failed", notice=str(notice.pk), check=notice.still_wanted)
        return ""
