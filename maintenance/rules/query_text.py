"""The text of somebody's statement, without what it says about persons: literals are replaced. Pure."""

from __future__ import annotations

import re
from typing import Final

# In this order: what is quoted, or a comment, hides everything else. A text that the server has cut off may end inside.
# Each alternative ends in linear time: none can match the same characters in two ways.
HIDDEN: Final = re.compile(
    r"""
    (?P<dollar>\$(?P<tag>(?:[A-Za-z_]\w*)?)\$ .*? (?:\$(?P=tag)\$ | \Z))
  | (?P<escaped>\b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
  | (?P<string>(?:\b[bBxXnN]|\b[uU]&)?'(?:[^']|'')*(?:'|\Z))
  | (?P<name>"(?:[^"]|"")*(?:"|\Z))
  | (?P<comment>/\*.*?(?:\*/|\Z)|--[^\n]*)
  | (?P<number>(?<![\w$.])(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\b)
    """,
    re.VERBOSE | re.DOTALL,
)
HIDDEN_BY: Final = "?"
LONGEST: Final = 300


def without_literals(text: str, longest: int = LONGEST) -> str:
    """`SELECT * FROM users WHERE mail = ? AND id = ?`, on one line, cut to `longest` characters with an ellipsis."""

    def replace(found: re.Match[str]) -> str:
        if found["name"] is not None:
            return found[0]
        return " " if found["comment"] is not None else HIDDEN_BY

    line = " ".join(HIDDEN.sub(replace, text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
