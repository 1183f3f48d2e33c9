import datetime as dt

import pytest

from maintenance.rules.finding_states import acceptance_ended, after_sighting, age_in_words, why_not_until

TODAY = dt.date(2026, 4, 5)


@pytest.mark.parametrize(
    ("state", "accepted_until", "expected"),
    [
        ("new", None, "ongoing"),
        ("ongoing", None, "ongoing"),
        ("resolved", None, "new"),
        ("accepted", TODAY, "accepted"),
        ("accepted", TODAY - dt.timedelta(days=1), "ongoing"),
        ("accepted", None, "ongoing"),
    ],
)
def test_a_sighting_moves_a_finding_on(state: str, accepted_until: dt.date | None, expected: str) -> None:
    assert after_sighting(state, accepted_until, TODAY) == expected


@pytest.mark.parametrize(
    ("state", "until", "expected"),
    [
        ("accepted", TODAY, False),
        ("accepted", TODAY - dt.timedelta(days=1), True),
        ("accepted", None, True),
        ("ongoing", TODAY - dt.timedelta(days=1), False),
    ],
)
def test_an_acceptance_ends_after_its_last_day(state: str, until: dt.date | None, expected: bool) -> None:
    assert acceptance_ended(state, until, TODAY) is expected


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (-1, "must be after today"),
        (0, "must be after today"),
        (1, ""),
        (365, ""),
        (366, "At most a year: until 2027-04-05"),
    ],
)
def test_an_acceptance_lasts_from_a_day_to_a_year(days: int, says: str) -> None:
    problem = why_not_until(TODAY + dt.timedelta(days=days), TODAY)
    assert says in problem
    assert bool(says) == bool(problem)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a moment"),
        (119, "a moment"),
        (120, "2 minutes"),
        (7199, "119 minutes"),
        (7200, "2 hours"),
        (172_799, "47 hours"),
        (172_800, "2 days"),
        (13 * 86_400, "13 days"),
        (14 * 86_400, "2 weeks"),
        (27 * 86_400, "3 weeks"),
        (400 * 86_400, "57 weeks"),
        (730 * 86_400, "2 years"),
    ],
)
def test_an_age_is_rounded_down(seconds: int, text: str) -> None:
    assert age_in_words(dt.timedelta(seconds=seconds)) == text
