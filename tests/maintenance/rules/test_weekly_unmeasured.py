"""What was not measured: each line by its rule."""

from __future__ import annotations

from typing import Any

import pytest

from maintenance.rules.weekly_unmeasured import lines
from tests.maintenance.rules.weekly_content import content, gap, service

STRETCH = "Tue 24 Mar, 13:50 to 16:11 UTC"


def unmeasured(**parts: Any) -> dict[str, Any]:
    return dict(content()["unmeasured"]) | parts


@pytest.mark.parametrize(
    ("given", "mark", "says"),
    [
        (content(), "info", "Nothing is missing: every service was measured all the time."),
        (
            content(first_data="2026-03-25"),
            "warning",
            (
                "The first data is of 25 Mar 2026: what was before is not known. "
                "Rates and sums are of the rest of the week."
            ),
        ),
        (
            content(unmeasured=unmeasured(gaps=[gap()])),
            "warning",
            f"All services: 2h 21m without readings, {STRETCH}. The time counts as unknown, not as up.",
        ),
        (
            content(unmeasured=unmeasured(gaps=[gap("API", paused=True)])),
            "warning",
            f"API: 2h 21m without readings, {STRETCH}, paused. The time counts as unknown, not as up.",
        ),
        (
            content(unmeasured=unmeasured(gaps=[gap("API", "2026-03-25T00:11:00+00:00")])),
            "warning",
            (
                "API: 2h 21m without readings, Tue 24 Mar, 13:50 to Wed 25 Mar, 00:11 UTC. "
                "The time counts as unknown, not as up."
            ),
        ),
        (
            content(unmeasured=unmeasured(gaps_left_out=2)),
            "warning",
            "2 shorter gaps more without readings count as unknown as well.",
        ),
        (
            content({"uptime_coverage": None}),
            "not_configured",
            "The system: no critical service was measured, so it has no uptime.",
        ),
        (
            content(services=[service(uptime=None)]),
            "warning",
            "API: no reading in the whole week.",
        ),
        (
            content({"uptime_coverage": 0.98619}),
            "info",
            "Measured: of the time of the system 98.6\u00a0% was measured.",
        ),
        (
            content(tasks=[{"task": "cache_review", "title": "Cache statistics review", "not_configured": 7}]),
            "not_configured",
            "Planned, but not set up or not carried out by this version: Cache statistics review.",
        ),
        (
            content({"dry_runs": 2, "runs_cancelled": 1, "occurrences_held": 3, "tickets_left_out": 5}),
            "info",
            (
                "Left out of the rates: 2 dry runs, 1 cancelled run, 3 due times that were held and "
                "5 tickets without a fault or duplicates."
            ),
        ),
    ],
)
def test_a_line(given: dict[str, Any], mark: str, says: str) -> None:
    line = lines(given)[0]
    assert (line.mark, f"{line.strong} {line.text}") == (mark, says)


def test_tickets_that_were_left_out_are_named() -> None:
    left = unmeasured(tickets=[{"ticket": "INC-7", "url": "/tickets/7/"}])
    assert lines(content({"tickets_left_out": 1}, unmeasured=left))[0].tickets == [("INC-7", "/tickets/7/")]
