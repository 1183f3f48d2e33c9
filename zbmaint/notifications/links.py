"""Links in messages that let whom they are for do one thing without signing in: signed, and of use for some hours.

The address itself is never stored: a notice holds what the link says, and it is signed when the message is written.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core import signing

SALT = "zbmaint.notifications.link"


class Expired(Exception):
    """The link was good once."""


class Forged(Exception):
    """The link was never one of ours, or was cut off."""


def make(path: str, says: dict[str, Any]) -> str:
    """The address of a link that says `says` (JSON), below `path`, which ends with a slash."""
    return f"{settings.PUBLIC_URL}{path}{signing.dumps(says, salt=SALT, compress=True)}/"


def read(token: str) -> dict[str, Any]:
    """What the last part of such an address says. Raises Expired, Forged."""
    age = dt.timedelta(hours=settings.NOTICE_LINK_HOURS)
    try:
        says = signing.loads(token, salt=SALT, max_age=age)
    except signing.SignatureExpired:
        raise Expired from None
    except (signing.BadSignature, ValueError):
        raise Forged from None
    return dict(says)
