"""What may be written into a ticket."""

from __future__ import annotations

import re
from typing import Final

LONGEST_TITLE: Final = 300
LONGEST_TEXT: Final = 20_000
LONGEST_TAG: Final = 40
MOST_TAGS: Final = 20
_TAG: Final = re.compile(r"[\w][\w.:/+-]*")
_UNKEPT: Final = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL takes in no text: NUL, halves of characters


def kept(text: str) -> str:
    """The text without what PostgreSQL takes in none."""
    return _UNKEPT.sub("", text)


def why_not_title(title: str) -> str | None:
    """Why this is no title; None when it is."""
    if not title.strip():
        return "Enter a title: one sentence on what does not work."
    if _UNKEPT.search(title) or len(title.strip().splitlines()) > 1:
        return "A title is one line of text."
    if len(title.strip()) > LONGEST_TITLE:
        return f"A title has at most {LONGEST_TITLE} characters, this one {len(title.strip()):,}. Say more below."
    return None


def why_not_text(text: str) -> str | None:
    """Why this cannot be a description or a comment; None when it can."""
    if _UNKEPT.search(text):
        return "This holds a character that cannot be kept (NUL, or half of one)."
    if len(text) > LONGEST_TEXT:
        return f"This has {len(text):,} characters; {LONGEST_TEXT:,} are kept. Shorten it, or link to where it stands."
    return None


def why_not_line(text: str, longest: int) -> str | None:
    """Why this cannot be a name, an address or a reason on one line; None when it can."""
    if _UNKEPT.search(text):
        return "This holds a character that cannot be kept (NUL, or half of one)."
    if len(text.strip()) > longest:
        return f"This has {len(text.strip()):,} characters, {longest} are kept. Shorten it."
    return None


def tag(name: str) -> str:
    """A tag as it is kept."""
    return "-".join(name.strip().casefold().split())


def why_not_tag(name: str) -> str | None:
    """Why this is no tag; None when it is."""
    if len(name) > LONGEST_TAG:
        return f"A tag has at most {LONGEST_TAG} characters: {name[:LONGEST_TAG]}…"
    if not _TAG.fullmatch(name):
        return f"“{name}” is no tag: letters, figures and . : / + - _ between them."
    return None
