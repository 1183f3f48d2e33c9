"""How far a VACUUM or ANALYZE is, from the engine's own counters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Share of a VACUUM's work before each phase, and of the phase itself.
PHASES: Final = {
    "initializing": (0.0, 0.0),
    "scanning heap": (0.0, 0.6),
    "vacuuming indexes": (0.6, 0.3),
    "vacuuming heap": (0.9, 0.1),
    "cleaning up indexes": (1.0, 0.0),
    "truncating heap": (1.0, 0.0),
    "performing final cleanup": (1.0, 0.0),
}


@dataclass(frozen=True)
class Progress:
    """`done` of `total` in the engine's `unit`, what it does, and the share of the whole statement (0 to 1)."""

    done: int
    total: int
    unit: str
    phase: str
    share: float


def vacuum_progress(row: Mapping[str, Any]) -> Progress:
    """Progress from a row of pg_stat_progress_vacuum (PostgreSQL 13 to 18; indexes are counted from 17 on)."""
    phase, pages = row["phase"], row["heap_blks_total"]
    done, total, unit = row["heap_blks_scanned"], pages, "pages"
    if phase == "vacuuming indexes" and row.get("indexes_total"):
        done, total, unit = row["indexes_processed"], row["indexes_total"], "indexes"
    elif phase == "vacuuming heap":
        done, unit = row["heap_blks_vacuumed"], "pages swept"
    before, own = PHASES.get(phase, (0.0, 0.0))
    part = done / total if total else 0.0
    # Before the indexes are counted, being in that phase says nothing about how far it is.
    if phase == "vacuuming indexes" and unit == "pages":
        part = 0.0
    return Progress(done, total, unit, phase, min(1.0, before + own * part))


def analyze_progress(row: Mapping[str, Any]) -> Progress:
    """Progress from a row of pg_stat_progress_analyze: sampled pages. ANALYZE is the end of VACUUM (ANALYZE)."""
    return Progress(row["sample_blks_scanned"], row["sample_blks_total"], "sampled pages", row["phase"], 1.0)
