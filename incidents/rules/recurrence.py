"""Which tickets are of one kind, so that a ticket can say how often that has happened."""

from __future__ import annotations

import hashlib
import re
from typing import Final

DAYS: Final = 30
LONGEST: Final = 64
_VARIES: Final = re.compile(r"[\d\W_]+")


def kind_of(*, source: str, key: str, category: str, title: str) -> str:
    """The name of a ticket's kind. Alerts of one key are one kind; people's tickets are when category and title are
    the same but for case, figures and punctuation."""
    said = f"alert\0{source}\0{key}" if key else f"said\0{category}\0{_VARIES.sub(' ', title).casefold().strip()}"
    return hashlib.blake2b(said.encode(), digest_size=LONGEST // 2).hexdigest()
