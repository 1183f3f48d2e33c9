import datetime as dt

import pytest

from incidents.rules.pausing import DEFAULT_CAPS, in_hours, why_not_until

NOW = dt.datetime(2026, 6, 5, 9, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def why_not(until: dt.timedelta, before: dt.timedelta = 0 * HOUR) -> str | None:
    return why_not_until(NOW + until, NOW, cap=4 * HOUR, paused_before=before, severity="critical")


@pytest.mark.parametrize(
    ("until", "before"), [(MINUTE, 0 * HOUR), (4 * HOUR, 0 * HOUR), (HOUR, 3 * HOUR)], ids=["short", "all", "the rest"]
)
def test_it_may_stand_still_within_its_cap(until: dt.timedelta, before: dt.timedelta) -> None:
    assert why_not(until, before) is None


@pytest.mark.parametrize("until", [0 * HOUR, -HOUR])
def test_it_refuses_an_end_that_has_passed(until: dt.timedelta) -> None:
    assert why_not(until) == "That has passed already. Say when it goes on."


def test_it_refuses_more_than_the_cap_and_names_it() -> None:
    said = "A critical ticket may be paused for 4 h in one stay in a tier. It can be paused for 4 h at most."
    assert why_not(4 * HOUR + dt.timedelta(seconds=1)) == said


def test_earlier_pauses_count() -> None:
    said = (
        "A critical ticket may be paused for 4 h in one stay in a tier, and this one has been for 90 min. "
        "It can be paused for 150 min at most."
    )
    assert why_not(3 * HOUR, 90 * MINUTE) == said


def test_when_nothing_is_left_it_says_so() -> None:
    said = "A critical ticket may be paused for 4 h in one stay in a tier, and this one has been. Its clock runs."
    assert why_not(MINUTE, 4 * HOUR) == said
    assert why_not(2 * MINUTE, 4 * HOUR - dt.timedelta(seconds=59)) == said


@pytest.mark.parametrize(
    ("length", "expected"), [(HOUR, "1 h"), (168 * HOUR, "168 h"), (90 * MINUTE, "90 min"), (MINUTE, "1 min")]
)
def test_lengths_in_words(length: dt.timedelta, expected: str) -> None:
    assert in_hours(length) == expected


def test_the_worse_it_is_the_shorter_it_may_stand_still() -> None:
    caps = [DEFAULT_CAPS[severity] for severity in ("critical", "high", "medium", "low")]
    assert caps == [hours * HOUR for hours in (4, 24, 72, 168)]
