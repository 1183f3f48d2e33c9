"""What is said of the messages of a weekly report."""

from __future__ import annotations

import pytest

from maintenance.rules.weekly_sent import said
from zbmaint.notifications import rules


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ([], "Sent to nobody"),
        (["sent", "sent"], "Sent to 2"),
        (["queued", "sending"], "Sent to nobody yet: 2 queued"),
        (["failed", "queued"], "Sent to nobody yet: 1 queued, 1 failed and tried again"),
        (["dead", "dead"], "Sent to nobody: 2 given up"),
        (
            ["sent", "failed", "dead", "cancelled", "bundled"],
            ("Sent to 1, 1 failed and tried again, 1 given up, 1 stopped, 1 told by another message"),
        ),
    ],
)
def test_the_words(states: list[str], says: str) -> None:
    assert said(states) == says


def test_every_state_is_told() -> None:
    assert {state for state in rules.MEANING if said([state]) == "Sent to nobody"} == set()
