"""Select: one filter of a list, to be chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Select:
    """One filter as a select box. `choices` are (value, label); `chosen` is the value that was given, or empty."""

    name: str
    label: str
    any_label: str
    choices: Sequence[tuple[str, str]]
    chosen: str

    @property
    def options(self) -> SafeString:
        """The choices as HTML, rendered once for what they are."""
        return _options(tuple(self.choices), self.chosen)


@lru_cache(maxsize=200)
def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    return render_to_string("ui/options.html", {"choices": choices, "chosen": chosen})
