"""Text in files that people open in a spreadsheet."""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r]")


def text_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    What begins with `=`, `+`, `-`, `@`, a tab or a carriage return, also after white space, gets an apostrophe in
    front: a spreadsheet shows such a cell as text. A program that reads the file finds the apostrophe in it.
    """
    return f"'{text}" if _FORMULA.match(text) else text
