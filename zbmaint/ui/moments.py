"""The field in which people give a moment, to the minute, in UTC."""

from __future__ import annotations

from typing import Final

from django import forms

MINUTES: Final = "%Y-%m-%dT%H:%M"  # as browsers write it


class MomentInput(forms.DateTimeInput):
    """A day and a time of day, chosen as the browser lets one choose."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MINUTES)
