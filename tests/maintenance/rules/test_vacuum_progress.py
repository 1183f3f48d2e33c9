"""How far the engine is."""

from typing import Any

import pytest

from maintenance.rules.vacuum_progress import analyze_progress, vacuum_progress


def row(phase: str, scanned: int = 0, vacuumed: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "phase": phase,
        "heap_blks_total": 1000,
        "heap_blks_scanned": scanned,
        "heap_blks_vacuumed": vacuumed,
        **more,
    }


@pytest.mark.parametrize(
    ("counters", "shown", "share"),
    [
        (row("initializing"), (0, 1000, "pages"), 0.0),
        (row("scanning heap", 640), (640, 1000, "pages"), 0.384),
        (row("vacuuming indexes", 1000), (1000, 1000, "pages"), 0.6),
        (row("vacuuming indexes", 1000, indexes_total=4, indexes_processed=1), (1, 4, "indexes"), 0.675),
        (row("vacuuming heap", 1000, 500), (500, 1000, "pages swept"), 0.95),
        (row("truncating heap", 1000, 1000), (1000, 1000, "pages"), 1.0),
        (row("a phase of a later version", 10), (10, 1000, "pages"), 0.0),
        (row("scanning heap") | {"heap_blks_total": 0}, (0, 0, "pages"), 0.0),
    ],
)
def test_a_vacuum_is_as_far_as_its_phase_and_pages(
    counters: dict[str, Any], shown: tuple[int, int, str], share: float
) -> None:
    found = vacuum_progress(counters)
    assert (found.done, found.total, found.unit) == shown
    assert found.share == pytest.approx(share)


def test_analyze_is_the_end_of_a_vacuum() -> None:
    found = analyze_progress({"phase": "acquiring sample rows", "sample_blks_total": 300, "sample_blks_scanned": 30})
    assert (found.done, found.total, found.unit, found.share) == (30, 300, "sampled pages", 1.0)
