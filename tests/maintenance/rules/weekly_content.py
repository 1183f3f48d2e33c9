"""The content of a week, as far as the rules read it."""

from __future__ import annotations

from typing import Any

FIGURES: dict[str, Any] = {
    "tasks_completed": 62,
    "occurrences_expected": 64,
    "uptime": 1.0,
    "uptime_coverage": 1.0,
    "tickets_opened": 120,
    "tickets_resolved": 112,
    "tickets_left_out": 0,
    "backlog": 45,
    "dry_runs": 0,
    "runs_cancelled": 0,
    "runs_skipped": 0,
    "runs_not_configured": 0,
    "occurrences_held": 0,
    "occurrences_missed": 0,
}


def content(figures: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """A week in which nothing went wrong, with `figures` and `parts` that are otherwise."""
    whole: dict[str, Any] = {
        "week": "2026-W13",
        "week_starting": "2026-03-23",
        "zone": "UTC",
        "first_data": "2026-01-01",
        "figures": FIGURES | (figures or {}),
        "n": {},
        "before": None,
        "before_n": None,
        "changes": {},
        "tasks": [],
        "tiers": [],
        "services": [service()],
        "outages": [],
        "outages_left_out": 0,
        "troubles": [],
        "troubles_left_out": 0,
        "erasures": [],
        "erasures_left_out": 0,
        "method": [],
        "unmeasured": {"gaps": [], "gaps_left_out": 0, "tickets": [], "tickets_left_out": 0},
    }
    return whole | parts


def service(name: str = "API", number: int = 1, **facts: Any) -> dict[str, Any]:
    return {"service": number, "name": name, "uptime": 1.0, "coverage": 1.0, "down_seconds": 0.0} | facts


def trouble(title: str = "Log rotation", state: str = "failed", mended: bool = False) -> dict[str, Any]:
    at = "2026-03-25T02:10:00+00:00" if mended else None
    return {"title": title, "state": state, "mended_at": at}


def gap(name: str = "", until: str = "2026-03-24T16:11:00+00:00", **facts: Any) -> dict[str, Any]:
    """A gap of a service; without a name of all two that there are."""
    number = 1 if name else 2
    times = {"from": "2026-03-24T13:50:00+00:00", "until": until, "seconds": 8460.0, "least_seconds": 8460.0}
    return {"name": name, "services": number, "of": number, **times, "paused": False} | facts
