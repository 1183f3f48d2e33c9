from __future__ import annotations

import pytest

from maintenance.rules import run_states
from maintenance.rules.occurrence_words import LABELS, counted, label_of, mark_of, story_begins, worst
from tests.maintenance.calendar import instant

NOW = instant("2026-04-06 02:30")


@pytest.mark.parametrize(
    ("state", "run_state", "due", "mark"),
    [
        ("due", None, "2026-04-06 03:00", "pending"),
        ("due", None, "2026-04-06 02:00", "waiting"),
        ("started", "failed", "2026-04-06 02:00", "failed"),
        ("started", None, "2026-04-06 02:00", "gone"),
        ("missed", None, "2026-04-06 02:00", "missed"),
        ("skipped", None, "2026-04-06 03:00", "skipped"),
    ],
)
def test_an_occurrence_is_marked_by_its_run_when_it_has_one(
    state: str, run_state: str | None, due: str, mark: str
) -> None:
    assert mark_of(state, run_state, instant(due), NOW) == mark


def test_every_state_of_a_run_has_a_word() -> None:
    assert set(run_states.MEANING) <= set(LABELS)


@pytest.mark.parametrize(
    ("marks", "says"),
    [
        (["succeeded"], "Succeeded"),
        (["not_configured"] * 7, "All 7 not configured"),
        (["succeeded", "failed", "succeeded", "missed"], "1 failed, 1 missed, 2 succeeded"),
        (["skipped", "warning"], "1 with a warning, 1 skipped"),
    ],
)
def test_a_slot_is_counted_worst_first(marks: list[str], says: str) -> None:
    assert counted(marks) == says


def test_a_slot_that_is_not_configured_never_looks_succeeded() -> None:
    assert worst(["succeeded"] * 7 + ["not_configured"]) == "not_configured"
    assert worst(["failed", "running", "missed"]) == "running"
    assert worst([]) == "pending"


def test_a_mark_without_a_word_of_its_own_is_shown_as_it_is() -> None:
    assert label_of("exploded") == "Exploded"


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-04-07 08:29", "2026-04-06 08:00"),  # Tuesday morning: 24 hours
        ("2026-04-07 18:00", "2026-04-06 18:00"),  # Tuesday evening, its own evening has just begun
        ("2026-04-06 08:00", "2026-04-03 17:00"),  # Monday morning: the weekend too
        ("2026-04-05 12:00", "2026-04-03 17:00"),  # Sunday
    ],
)
def test_the_story_begins_a_day_ago_or_at_the_last_working_evening(now: str, begins: str) -> None:
    assert story_begins(instant(now)) == instant(begins)
