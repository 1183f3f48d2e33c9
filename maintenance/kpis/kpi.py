"""Kpi: what one figure is called, how it is made, what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["ratio", "seconds", "count", "days"]
Better = Literal["higher", "lower", ""]
Group = Literal["Platform", "Maintenance", "Findings", "Tickets", "People"]
GROUPS: Final[tuple[Group, ...]] = ("Platform", "Maintenance", "Findings", "Tickets", "People")


@dataclass(frozen=True)
class Kpi:
    """One KPI. `target` is what is aimed at in its unit, None without an aim; `better` is the side on which it is met.

    `excluded` says what does not count; `rows` names what is behind it, and is listed when somebody asks.
    """

    key: str
    name: str
    unit: Unit
    group: Group
    formula: str
    excluded: str = "Nothing."
    target: float | None = None
    better: Better = ""
    rows: str = ""

    def met(self, value: float | None, target: float | None = None) -> bool | None:
        """Whether a value is on the good side of the target (or of another one); None without a target or a value."""
        aim = self.target if target is None else target
        if value is None or aim is None:
            return None
        return value >= aim if self.better == "higher" else value <= aim
