"""The tables of the KPI page as files have them: every row, as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from maintenance.kpis.tables import Tables
from maintenance.views.kpi_names import Names

_OF_RUNS: Final = {
    "completed": "completed",
    "runs": "counted",
    "success_rate": "success",
    "p50_seconds": "p50",
    "p95_seconds": "p95",
    "mean_seconds": "mean",
    "max_seconds": "longest",
}
# What each row has, by the name of its column: as KPIs are called in files.
_COLUMNS: Final[dict[str, dict[str, str]]] = {
    "tiers": {
        "tier": "tier",
        "received": "received",
        "resolved": "resolved",
        "response_compliance": "in_target",
        "decided": "responses",
        "answer_median_seconds": "answer",
        "answered": "answered",
        "resolution_median_seconds": "resolution",
        "resolutions": "ended",
        "escalated": "escalated",
        "open": "open",
    },
    "people": {"username": "username", "name": "name", "open": "open", "answered": "answered", "resolved": "resolved"},
    "tasks": {"task": "key", **_OF_RUNS},
    "categories": {"category": "key", **_OF_RUNS},
    "services": {
        "service": "probe",
        "uptime": "net",
        "uptime_gross": "gross",
        "uptime_coverage": "coverage",
        "down_seconds": "down",
        "erased_seconds": "erased",
        "outages": "outages",
    },
}
KEYS: Final = tuple(_COLUMNS)


def written(found: Tables, names: Names, key: str) -> list[Sequence[object]]:
    """The table of a key: a row with the names of its columns, then its rows (ratios 0 to 1, lengths in seconds).

    Of services the last column is the name.
    """
    columns = _COLUMNS[key]
    rows: Sequence[Any] = getattr(found, key)
    lines = [[getattr(row, name) for name in columns.values()] for row in rows if _is_shown(row)]
    if key == "services":
        return [
            [*columns, "name"],
            *([*line, names.service(row.probe).name] for line, row in zip(lines, rows, strict=True)),
        ]
    return [list(columns), *lines]


def _is_shown(row: Any) -> bool:
    """A task or category without a run that counts is not on the page either."""
    return bool(getattr(row, "counted", True))
