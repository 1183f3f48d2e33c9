"""How far a REINDEX CONCURRENTLY is, from the engine's own counters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from maintenance.rules.vacuum_progress import Progress

# Share of the whole before each phase, and of the phase itself. Reading the table and sorting take most of the time.
PHASES: Final = {
    "initializing": (0.0, 0.0),
    "waiting for writers before build": (0.0, 0.02),
    "building index": (0.02, 0.58),
    "waiting for writers before validation": (0.6, 0.02),
    "index validation: scanning index": (0.62, 0.1),
    "index validation: sorting tuples": (0.72, 0.03),
    "index validation: scanning table": (0.75, 0.19),
    "waiting for old snapshots": (0.94, 0.02),
    "waiting for readers before marking dead": (0.96, 0.02),
    "waiting for readers before dropping": (0.98, 0.02),
}
BUILDING: Final = "building index"


def reindex_progress(row: Mapping[str, Any]) -> Progress:
    """Progress from a row of pg_stat_progress_create_index (PostgreSQL 12 and later)."""
    phase = row["phase"]
    # "building index: scanning table" and the like are the access method's own phases.
    name = BUILDING if phase.startswith(BUILDING) else phase
    if phase.startswith("waiting"):
        done, total, unit = row["lockers_done"], row["lockers_total"], "transactions waited for"
    elif row["tuples_total"] and "scanning table" not in phase:
        done, total, unit = row["tuples_done"], row["tuples_total"], "entries"
    else:
        done, total, unit = row["blocks_done"], row["blocks_total"], "pages"
    before, own = PHASES.get(name, (0.0, 0.0))
    part = done / total if total else 0.0
    return Progress(done, total, unit, phase, min(1.0, before + own * part))
