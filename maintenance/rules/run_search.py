"""What somebody who looks for a run may type: its number, or words of its task's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

MAX_ID: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"\s*(?:runs?[\s#-]*|#)?(\d{1,19})\s*", re.ASCII | re.IGNORECASE)
_APART: Final = re.compile(r"[\W_]+")


def number(text: str) -> int | None:
    """The number of a run in `run 12`, `Run #12`, `#12` or `12`; None for anything else."""
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found and int(found[1]) <= MAX_ID else None


def tasks(text: str, named: Mapping[str, str]) -> list[tuple[str, str]]:
    """Of the tasks, name by key, those in whose key or name every word of `text` begins a word; none without words.

    `run` and `runs` are what is looked for, not a part of the name.
    """
    wanted = [word for word in _words(text) if word not in ("run", "runs")]
    if not wanted:
        return []
    return [(key, name) for key, name in named.items() if _has(_words(f"{key} {name}"), wanted)]


def _has(words: list[str], wanted: list[str]) -> bool:
    return all(any(word.startswith(each) for word in words) for each in wanted)


def _words(text: str) -> list[str]:
    return _APART.sub(" ", text.casefold()).split()
