import datetime as dt

import pytest

from maintenance.rules.finding_states import after_sighting

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
