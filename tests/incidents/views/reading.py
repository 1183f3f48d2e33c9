"""Pages of tickets, as a person reads them."""

from __future__ import annotations

import html
import re


def words(page: str) -> str:
    """A page without its tags, each gap one space."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
