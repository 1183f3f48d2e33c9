"""Whether a notice is still wanted, asked just before it is sent, of whoever posted it.

An app registers a check under a name, in its module `wanted`: `still_wanted.register("ticket.waits", check)`, and posts
notices with that name. The check gets notices and returns why those that are wanted no longer are not, by their ids,
each in a sentence.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from zbmaint.notifications.models import Notice

Check = Callable[[Sequence[Notice]], Mapping[uuid.UUID, str]]
_checks: dict[str, Check] = {}
log = structlog.get_logger(__name__)


def register(name: str, check: Check) -> None:
    """Let `check` answer for the notices that name it; registering it again changes nothing."""
    _checks[name] = check


def why_not(notices: Iterable[Notice]) -> dict[uuid.UUID, str]:
    """Why those of `notices` that are wanted no longer are not. When nobody can say, one had better be sent."""
    named: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        named[notice.still_wanted].append(notice)
    return {pk: why for name, asked in named.items() if name for pk, why in _ask(name, asked).items() if why}


def _ask(name: str, asked: Sequence[Notice]) -> Mapping[uuid.UUID, str]:
    check = _checks.get(name)
    if check is None:
        log.error("notice.unknown_check", notice=str(asked[0].pk), check=name)
        return {}
    try:
        return check(asked)
    except Exception:  # a check that fails must not silence anybody
        log.exception("notice.check_failed", notice=str(asked[0].pk), check=name)
        return {}
