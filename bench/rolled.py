"""How the rows of rolling one day up are called."""

from __future__ import annotations

from typing import Final

ONE_DAY: Final = "one day of every kind"
MIDDLE: Final = "in the middle"
