"""The figures that a weekly report begins with."""

from __future__ import annotations

from typing import Any

from maintenance.rules.weekly_letter import brief, headlines, whole
from tests.maintenance.rules.weekly_content import content

HEADLINES = {"average_task_duration_seconds": 20.25, "success_rate": 1.0, "success_rate_strict": 0.86111}


def given(missed: int) -> dict[str, Any]:
    return content({**HEADLINES, "occurrences_missed": missed}, summary=["All is well."])


def test_the_success_rate_is_a_headline_while_everything_started() -> None:
    assert headlines(given(0)) == [
        ["Week starting", "23 Mar 2026"],
        ["Tasks completed", "62"],
        ["Average task duration", "20s"],
        ["Success rate", "100.0\u00a0%"],
        ["Uptime", "100.000\u00a0%"],
    ]


def test_the_strict_one_is_once_due_times_were_missed() -> None:
    names = dict(headlines(given(5)))
    assert names["Strict success rate"] == "86.1\u00a0%"
    assert "Success rate" not in names
    assert brief(given(5))["facts"] == headlines(given(5))


def test_its_change_is_from_the_strict_one_of_the_week_before() -> None:
    counts = dict.fromkeys(("tasks_completed", "uptime", *HEADLINES), 36)
    before = {"tasks_completed": 60, "uptime": 1.0, **HEADLINES, "success_rate_strict": 0.9}
    found = dict(headlines({**given(5), "before": before, "n": counts, "before_n": counts}))
    assert found["Strict success rate"] == "86.1\u00a0% (−3.9 pt from the week before)"


def test_tasks_that_were_only_not_configured_have_no_row_of_noughts() -> None:
    counts = dict.fromkeys(("planned", "completed", "failed", "missed", "not_configured"), 0)
    rates = {"success_rate": None, "average_seconds": None}
    rows = [
        {"task": "log_rotation", "title": "Log rotation", **counts, **rates, "planned": 7, "completed": 7},
        {"task": "cache_review", "title": "Cache review", **counts, **rates, "not_configured": 7},
        {"task": "", "title": "All", **counts, **rates, "planned": 7, "completed": 7, "not_configured": 7},
    ]
    (table,) = [
        each
        for each in whole(content(HEADLINES, tasks=rows, services=[], summary=[]))["sections"]
        if each["title"] == "Maintenance tasks"
    ]
    assert [row[0] for row in table["rows"]] == ["Log rotation", "All"]
    assert table["note"] == "1 more task is not configured: see what was not measured."
