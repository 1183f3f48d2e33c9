import pytest

from maintenance.rules import run_states
from maintenance.rules.alerting import RUN_SEVERITY, is_alarming, is_news, signal_of


@pytest.mark.parametrize(
    ("state", "news", "expected"),
    [
        ("succeeded", False, "clear"),
        ("succeeded", True, "clear"),
        ("warning", False, "clear"),
        ("warning", True, ""),
        ("failed", False, "raise"),
        ("failed", True, "raise"),
        ("timed_out", False, "raise"),
        ("lost", False, "raise"),
        ("cancelled", False, ""),
        ("skipped", False, ""),
        ("not_configured", False, ""),
    ],
)
def test_what_an_end_means_and_that_a_dry_run_means_nothing(state: str, news: bool, expected: str) -> None:
    assert signal_of(state, dry_run=False, news=news) == expected
    assert signal_of(state, dry_run=True, news=news) == ""


def test_every_final_state_has_a_meaning() -> None:
    told = {state for state in run_states.FINAL if signal_of(state, dry_run=False, news=False)}
    assert told == {*RUN_SEVERITY, "succeeded", "warning"}


@pytest.mark.parametrize(
    ("state", "severity", "expected"),
    [
        ("new", "critical", True),
        ("new", "high", True),
        ("ongoing", "high", True),
        ("new", "medium", False),
        ("new", "low", False),
        ("accepted", "critical", False),
        ("resolved", "critical", False),
    ],
)
def test_what_wakes_somebody(state: str, severity: str, expected: bool) -> None:
    assert is_alarming(state, severity) is expected


@pytest.mark.parametrize(
    ("state", "severity", "before", "expected"),
    [
        ("new", "high", None, True),
        ("ongoing", "high", ("new", "high"), False),
        ("ongoing", "critical", ("ongoing", "high"), False),
        ("ongoing", "high", ("ongoing", "medium"), True),
        ("ongoing", "high", ("accepted", "high"), True),
        ("accepted", "high", ("ongoing", "medium"), False),
        ("ongoing", "high", None, True),
        ("new", "medium", None, False),
        ("ongoing", "medium", ("ongoing", "high"), False),
    ],
)
def test_news_is_what_nobody_was_told_of(
    state: str, severity: str, before: tuple[str, str] | None, expected: bool
) -> None:
    assert is_news(state, severity, before) is expected
