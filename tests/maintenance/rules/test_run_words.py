"""What people read about a run in each state."""

import pytest

from maintenance.rules import run_states
from maintenance.rules.run_words import WORDS, what_is_new


def test_every_state_has_words() -> None:
    assert WORDS.keys() == run_states.MEANING.keys()


def test_whatever_did_not_end_well_says_what_to_do() -> None:
    assert all(WORDS[state].todo for state in run_states.FINAL - {run_states.SUCCEEDED})


@pytest.mark.parametrize("state", sorted(run_states.FINAL - {run_states.SUCCEEDED}))
def test_only_a_success_looks_like_one(state: str) -> None:
    assert WORDS[state].tone != "success"


@pytest.mark.parametrize(
    ("state", "verdict", "rest"),
    [
        ("skipped", "Skipped: the target is locked.", "The target is locked."),
        ("cancelled", "Cancelled. What was done stays.", "What was done stays."),
        ("cancelled", "Cancelled before it began.", "Cancelled before it began."),
        ("failed", "The password was refused.", "The password was refused."),
        ("warning", "", ""),
    ],
)
def test_a_verdict_does_not_repeat_the_label(state: str, verdict: str, rest: str) -> None:
    assert what_is_new(state, verdict) == rest
