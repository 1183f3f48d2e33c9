"""Rows of the table of results: a figure against its limit or its peer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Row:
    """`figure` in `unit`; `against` says what it is compared with, in the same unit. `spread` is lowest to highest.

    Without `against` it is only told. `judged` rows fail above a ratio of 1.
    """

    case: str
    what: str
    figure: float
    unit: str
    against: float | None = None
    peer: str = "limit"
    spread: str = ""
    judged: bool = True

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of what it is compared with."""
        return None if self.against is None else self.figure / self.against

    @property
    def verdict(self) -> str:
        """`pass`, `FAIL`, or nothing when it is only told."""
        if self.ratio is None or not self.judged:
            return ""
        return "pass" if self.ratio <= 1 else "FAIL"


HEADS = ("case", "what", "figure", "against", "ratio", "lowest to highest", "")


def as_table(rows: Iterable[Row]) -> str:
    """The rows as aligned text."""
    lines = [HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    against = "" if row.against is None else f"{row.against:,.4g} {row.unit} ({row.peer})"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return (row.case, row.what, f"{row.figure:,.4g} {row.unit}", against, ratio, row.spread, row.verdict)


def keep(rows: Iterable[Row]) -> None:
    """Write the rows into the results file, in place of earlier ones of the same cases."""
    found = list(rows)
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for case in {row.case for row in found}:
        kept[case] = [asdict(row) | {"ratio": row.ratio, "verdict": row.verdict} for row in found if row.case == case]
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
