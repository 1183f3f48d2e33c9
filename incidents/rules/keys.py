"""The key under which alerts of one thing meet in one ticket."""

from __future__ import annotations

import hashlib
from typing import Final

LONGEST: Final = 200


def stored(key: str) -> str:
    """`key` as a ticket holds it: at most 200 characters. A longer one ends in its fingerprint, so that two long keys
    with the same beginning stay two."""
    if len(key) <= LONGEST:
        return key
    mark = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return f"{key[: LONGEST - len(mark) - 1]}#{mark}"
