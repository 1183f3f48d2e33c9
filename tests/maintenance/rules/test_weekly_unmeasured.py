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
            content(unmeasured=unmeasured(gaps=[gap(services=38, of=40, least_seconds=7200.0)])),
            "warning",
            (
                f"38 of 40 services: 2h to 2h 21m without readings within {STRETCH}. "
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
            "The system: no critical service is looked at, so it has no uptime.",
        ),
        (
            content({"uptime_coverage": None}, services=[service("All", 0, uptime=None, coverage=None)]),
            "info",
            "The system: in maintenance all the time, so it has no uptime.",
        ),
        (
            content(services=[service(uptime=None, coverage=0.0), service("Web", 2, uptime=None, coverage=0.0)]),
            "warning",
            "API, Web: nothing is known of this week.",
        ),
        (
            content(services=[service(uptime=None, coverage=0.49999)]),
            "warning",
            "API (49.9\u00a0%): too little is known for an uptime, which takes 50\u00a0% of the time.",
        ),
        (
            content(services=[service(uptime=None, coverage=0.999)]),
            "info",
            "API: known for too short a time for an uptime, which takes 15 minutes.",
        ),
        (
            content(services=[service(uptime=None, coverage=None)]),
            "info",
            "API: in maintenance all the time, so there is no uptime.",
        ),
        (
            content({"uptime_coverage": 0.3, "uptime": None}),
            "info",
            "Measured: of the time of the system 30.0\u00a0% was measured, too little for an uptime.",
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


def test_a_gap_of_a_report_from_before_gaps_of_most_were_one_is_read_as_it_was_meant() -> None:
    old = {key: value for key, value in gap().items() if key not in ("services", "of", "least_seconds")}
    (line,) = lines(content(unmeasured=unmeasured(gaps=[old])))
    assert f"{line.strong} {line.text}".startswith(f"All services: 2h 21m without readings, {STRETCH}.")


def test_each_service_without_an_uptime_is_named_once_by_its_reason() -> None:
    shares = {"A": None, "B": 0.0, "C": 0.25, "D": 0.5}
    rows = [service(name, uptime=None, coverage=share) for name, share in shares.items()]
    found = lines(content(services=[*rows, service("E", coverage=0.5)]))
    assert [line.strong for line in found] == ["B:", "C (25.0\u00a0%):", "D:", "A:"]
