"""What somebody looks for, and the words by which it is found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 200
MOST_WORDS: Final = 12
LONGEST_WORD: Final = 60
_APART: Final = re.compile(r"[\W_]+")
_NUMBER: Final = re.compile(r"\s*(?:inc-|#)(\d{1,18})\s*", re.ASCII | re.IGNORECASE)
_FIGURES: Final = re.compile(r"\s*(\d{1,18})\s*", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """What is looked for: a ticket by its number, written as one, or words of which all must occur.

    The last word is a beginning, but for a figure: a ticket has its number among its words.
    """

    number: int | None = None
    words: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The words for PostgreSQL's `to_tsquery`; they hold nothing but letters and figures."""
        if not self.words:
            return ""
        return " & ".join(f"'{word}'" for word in self.words) + ("" if self.words[-1].isdigit() else ":*")


def words(text: str) -> str:
    """Text as it is searched: letters and figures in lower case, everything else a gap.

    Both sides go through this, so that `api.example.org`, `e-mail` and `public.posts` are found by each of their parts.
    """
    return _APART.sub(" ", text.casefold()).strip()


def read(text: str) -> Wanted:
    """What `text` looks for; an empty Wanted when it has neither number nor word."""
    if number := _NUMBER.fullmatch(text):
        return Wanted(number=int(number[1]))
    return Wanted(words=tuple(word[:LONGEST_WORD] for word in words(text).split()[:MOST_WORDS]))


def number_alone(text: str) -> int | None:
    """The number that `text` may mean and nothing else, such as `INC-12`, `#12` or `12`; figures may be a word, too."""
    found = _NUMBER.fullmatch(text) or _FIGURES.fullmatch(text)
    return int(found[1]) if found else None


def why_not(text: str) -> str | None:
    """Why nothing can be looked for; None when something can."""
    if "\x00" in text:
        return "The text to look for holds a character that no ticket can hold."
    if len(text) > LONGEST:
        return f"The text to look for has {len(text):,} characters; at most {LONGEST} are used."
    if text.strip() and not words(text):
        return f"There is no word to look for in “{text.strip()[:40]}”: use letters or figures."
    if len(words(text).split()) > MOST_WORDS:
        return f"These are {len(words(text).split())} words; at most {MOST_WORDS} are used. Leave some out."
    return None
