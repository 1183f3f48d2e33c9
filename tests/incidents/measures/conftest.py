"""The team, and the clock on the wall, as the actions have them."""

from __future__ import annotations

from tests.incidents.actions.conftest import team, wall

__all__ = ["team", "wall"]
