import itertools

import pytest

from maintenance.rules import run_states

ALLOWED = {
    ("queued", "running"),
    ("queued", "cancelled"),
    ("queued", "skipped"),
    ("queued", "not_configured"),
    ("queued", "failed"),
    ("running", "succeeded"),
    ("running", "warning"),
    ("running", "failed"),
    ("running", "timed_out"),
    ("running", "cancelled"),
    ("running", "lost"),
    ("running", "not_configured"),
}


@pytest.mark.parametrize("pair", list(itertools.product(run_states.MEANING, repeat=2)))
def test_the_whole_table(pair: tuple[str, str]) -> None:
    assert run_states.may_follow(*pair) == (pair in ALLOWED)


def test_every_state_is_either_active_or_final() -> None:
    assert set(run_states.MEANING) == run_states.ACTIVE | run_states.FINAL
    assert not run_states.ACTIVE & run_states.FINAL
