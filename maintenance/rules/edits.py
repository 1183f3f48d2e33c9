"""Edits that two people make at once: whoever saves second is told, and takes nothing back unknowingly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

CHANGED: Final = (
    "Somebody has changed it since you opened this page, so nothing of yours was saved. Open it again to see what it "
    "is now, and change that."
)


def mark_of(values: Mapping[str, object]) -> str:
    """A short mark of what is decided about something: another one as soon as anything of it is changed."""
    said = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
