"""What shows that a frozen report is unchanged: one way to write it, and the SHA-256 of that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(content: Mapping[str, Any]) -> str:
    """JSON with keys in order and no blanks. Raises ValueError for what is no JSON, such as not-a-number."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of its canonical JSON in UTF-8, in hex."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
