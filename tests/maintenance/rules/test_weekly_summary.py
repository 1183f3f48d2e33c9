"""The summary: each sentence by its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from maintenance.rules import weekly_summary
from tests.maintenance.rules.weekly_content import content, service, trouble

MANY = [trouble("A"), trouble("B", "lost"), trouble("C", "missed"), trouble("D", "missed")]


def tier(number: int, met: int, responses: int) -> dict[str, Any]:
    return {"tier": number, "responses_met": met, "responses": responses}


@pytest.mark.parametrize(
    ("rule", "given", "says"),
    [
        (weekly_summary.work, content(), "62 tasks were completed, and 64 were planned."),
        (
            weekly_summary.work,
            content({"tasks_completed": 1, "occurrences_expected": 1}),
            "1 task was completed, and 1 was planned.",
        ),
        (
            weekly_summary.work,
            content({"runs_not_configured": 43}),
            "62 tasks were completed, and 64 were planned; 43 runs were not configured.",
        ),
        (weekly_summary.work, content({"occurrences_expected": 0}), "62 tasks were completed, and none was planned."),
        (
            weekly_summary.work,
            content({"tasks_completed": None, "occurrences_expected": None}),
            "No maintenance was planned, and none was done.",
        ),
        (weekly_summary.what_went_wrong, content(), ""),
        (
            weekly_summary.what_went_wrong,
            content(troubles=[trouble(mended=True)]),
            "Log rotation failed; a later run made it good.",
        ),
        (
            weekly_summary.what_went_wrong,
            content(troubles=[trouble(mended=True), trouble("Cache cleanup", "missed", mended=True)]),
            "Log rotation failed and Cache cleanup never started; later runs made all of it good.",
        ),
        (
            weekly_summary.what_went_wrong,
            content(troubles=[trouble("A", "timed_out"), trouble("B", "lost", mended=True)]),
            "A reached its time limit and B was lost; for 1 of them no later run of the week made it good.",
        ),
        (
            weekly_summary.what_went_wrong,
            content(troubles=MANY),
            "4 did not do their work: 1 failed, 1 was lost and 2 never started; no later run of the week made it good.",
        ),
        (weekly_summary.downtime, content(services=[]), ""),
        (
            weekly_summary.downtime,
            content(services=[service(uptime=None, coverage=0.0)]),
            "The uptime is not known: no service was measured.",
        ),
        (
            weekly_summary.downtime,
            content(services=[service(uptime=None, coverage=0.25, down_seconds=600.0)]),
            "Down outside maintenance: API for 10 min.",
        ),
        (
            weekly_summary.downtime,
            content(services=[service(uptime=None, coverage=0.25), service(uptime=None, coverage=0.0)]),
            "No service was down outside maintenance, as far as was measured.",
        ),
        (weekly_summary.downtime, content(), "No service was down outside maintenance, as far as was measured."),
        (
            weekly_summary.downtime,
            content(services=[service(down_seconds=1440.0), service("Web", 2, down_seconds=7200.0)]),
            "Down outside maintenance: Web for 2 h and API for 24 min.",
        ),
        (
            weekly_summary.downtime,
            content(services=[service(str(place), place, down_seconds=60.0 * place) for place in range(1, 6)]),
            "Down outside maintenance: 5 for 5 min, 4 for 4 min and 3 for 3 min, and 2 other services for less.",
        ),
        (
            weekly_summary.slowness,
            content(outages=[{"effect": "degraded", "name": "Mail", "seconds": 720.0}] * 2),
            "Slow: Mail for 24 min.",
        ),
        (weekly_summary.slowness, content(outages=[{"effect": "down", "name": "Mail", "seconds": 720.0}]), ""),
        (weekly_summary.coverage, content({"uptime_coverage": 0.95}), ""),
        (weekly_summary.coverage, content({"uptime_coverage": None}), ""),
        (
            weekly_summary.coverage,
            content({"uptime_coverage": 0.9499}),
            "Only 94.9\u00a0% of the time was measured, so the uptime says little.",
        ),
        (weekly_summary.erasures, content(), ""),
        (
            weekly_summary.erasures,
            content(erasures=[{"seconds": 600.0}, {"seconds": 1200.0}]),
            "Windows that were approved afterwards took 30 min of down time out of the uptime.",
        ),
        (weekly_summary.tickets, content(), "120 tickets were opened and 112 resolved; 45 were open at the end."),
        (
            weekly_summary.tickets,
            content({"tickets_opened": 0, "tickets_resolved": 0, "backlog": 0}),
            "No ticket was opened, and none is open.",
        ),
        (
            weekly_summary.tickets,
            content({"tickets_opened": 1, "tickets_resolved": 0, "backlog": 1}),
            "1 ticket was opened and 0 resolved; 1 was open at the end.",
        ),
        (weekly_summary.responses, content(tiers=[tier(1, 5, 5)]), ""),
        (
            weekly_summary.responses,
            content(tiers=[tier(1, 4, 5), tier(3, 0, 1), tier(0, 4, 6)]),
            "Tier 1 missed 1 of 5 response targets and tier 3 missed 1 of 1 response target.",
        ),
    ],
)
def test_a_sentence(rule: Callable[..., str], given: dict[str, Any], says: str) -> None:
    assert rule(given) == says


@pytest.mark.parametrize(
    ("n", "n_before", "change", "says"),
    [
        (10, 10, -0.015625, "The success rate fell from 100.0\u00a0% to 98.4\u00a0%."),
        (9, 10, -0.015625, ""),
        (10, 9, -0.015625, ""),
        (10, 10, 0.0, ""),
        (10, 10, 0.2, ""),
        (10, 10, None, ""),
    ],
)
def test_a_rate_that_fell_is_told_when_there_is_enough_behind_it(
    n: int, n_before: int, change: float | None, says: str
) -> None:
    given = content(
        {"success_rate": 0.984375},
        before={"success_rate": 1.0},
        n={"success_rate": n},
        before_n={"success_rate": n_before},
        changes={"success_rate": change},
    )
    assert weekly_summary.worse(given) == says
    assert weekly_summary.worse({**given, "before": None}) == ""


def test_the_strict_rate_is_the_one_that_fell_once_due_times_were_missed() -> None:
    given = content(
        {"success_rate": 1.0, "success_rate_strict": 0.861, "occurrences_missed": 5},
        before={"success_rate": 1.0, "success_rate_strict": 1.0},
        n={"success_rate": 31, "success_rate_strict": 36},
        before_n={"success_rate": 36, "success_rate_strict": 36},
        changes={"success_rate": 0.0, "success_rate_strict": -0.139},
    )
    assert weekly_summary.worse(given) == "The strict success rate fell from 100.0\u00a0% to 86.1\u00a0%."


def test_the_sentences_come_the_most_important_first_without_empty_ones() -> None:
    assert weekly_summary.sentences(content()) == [
        "62 tasks were completed, and 64 were planned.",
        "No service was down outside maintenance, as far as was measured.",
        "120 tickets were opened and 112 resolved; 45 were open at the end.",
    ]
