"""What a ticket can be linked to by hand: another ticket, or an address elsewhere."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

TICKET: Final = "ticket"
URL: Final = "url"
LONGEST: Final = 500
_NUMBER: Final = re.compile(r"(?:INC-?)?([0-9]{1,18})", re.IGNORECASE)


def ticket_number(target: str) -> int | None:
    """The number that `target` says ("INC-1193", "1193"); None when it is none."""
    found = _NUMBER.fullmatch(target.strip())
    return int(found[1]) if found else None


def why_not_address(target: str) -> str | None:
    """Why this is no address that a ticket links to; None when it is."""
    said = "Enter a number such as INC-1193, or an address that begins with https:// or http://."
    if len(target) > LONGEST:
        return f"An address has at most {LONGEST} characters, this one {len(target):,}."
    if re.search(r"[\s\\\x00-\x1f]", target):
        return said
    try:
        parts = urlsplit(target)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return said
    return None if whole else said
