"""Select: one filter of a list, to be chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Select:
    """One filter as a select box. `choices` are (value, label); `chosen` is the value that was given, or empty."""

    name: str
    label: str
    any_label: str
    choices: Sequence[tuple[str, str]]
    chosen: str
