"""What to look for to find tickets like one that is being written."""

from __future__ import annotations

import itertools
import re
from typing import Final

MOST_WORDS: Final = 8
SHORTEST: Final = 3
# The search itself takes these for nothing, and then the other word of a pair would do alone.
SAY_NOTHING: Final = frozenset(
    [
        "about",
        "after",
        "all",
        "and",
        "any",
        "are",
        "because",
        "been",
        "before",
        "but",
        "can",
        "cannot",
        "did",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "into",
        "its",
        "not",
        "now",
        "off",
        "only",
        "our",
        "out",
        "over",
        "some",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "too",
        "under",
        "very",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    ]
)
_WORD: Final = re.compile(r"\w+")


def query(title: str) -> str:
    """A query of PostgreSQL's full text search (`to_tsquery`) for titles like `title`; empty when it says too little.

    Of three words and more two must be there, so that one that stands everywhere finds nothing by itself. The last
    word may be the beginning of one: it is being typed.
    """
    found = list(dict.fromkeys(_WORD.findall(title.casefold())))
    words = [f"'{word}'" for word in found if len(word) >= SHORTEST and word not in SAY_NOTHING][:MOST_WORDS]
    if not words:
        return ""
    if words[-1] == f"'{found[-1]}'":
        words[-1] += ":*"
    if len(words) < 3:
        return " | ".join(words)
    return " | ".join(f"({one} & {other})" for one, other in itertools.combinations(words, 2))
