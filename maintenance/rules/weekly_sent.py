"""What has become of the messages of a weekly report, by the states of their notices. Pure, tested by table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from zbmaint.notifications import rules

# What is not sent, in words behind a number, in the order in which it is told.
OTHERWISE: Final = (
    ("queued", (rules.QUEUED, rules.SENDING)),
    ("failed and tried again", (rules.FAILED,)),
    ("given up", (rules.DEAD,)),
    ("stopped", (rules.CANCELLED,)),
    ("told by another message", (rules.BUNDLED,)),
)


def said(states: Iterable[str]) -> str:
    """To how many a report was sent, and what the others wait for or came to: Sent to 3, 1 queued, 2 given up."""
    number = Counter(states)
    rest = [
        f"{sum(number[state] for state in group):,} {words}"
        for words, group in OTHERWISE
        if any(map(number.get, group))
    ]
    if number[rules.SENT]:
        return ", ".join([f"Sent to {number[rules.SENT]:,}", *rest])
    to_nobody = "Sent to nobody yet" if rules.UNDELIVERED & number.keys() else "Sent to nobody"
    return f"{to_nobody}: {', '.join(rest)}" if rest else to_nobody
