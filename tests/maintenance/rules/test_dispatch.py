import datetime as dt
from typing import Any

import pytest

from maintenance.rules.dispatch import Decision, Situation, decide, is_inside

DUE = dt.datetime(2026, 4, 5, 3, tzinfo=dt.UTC)


def at(minutes: float, **facts: Any) -> Decision:
    now = DUE + dt.timedelta(minutes=minutes)
    start_by = DUE + dt.timedelta(minutes=45)
    return decide(Situation(**{"now": now, "due_at": DUE, "start_by": start_by, "planned_at": DUE, **facts}))


@pytest.mark.parametrize(
    ("minutes", "facts", "verb", "reason"),
    [
        (0, {}, "start", ""),
        (45, {}, "start", ""),
        (46, {}, "miss", "not started within 45 min"),
        (46, {"locked_by": "run 7 (db:shop)"}, "miss", "not started within 45 min: waits for run 7 (db:shop)"),
        (46, {"free_starts": 0}, "miss", "not started within 45 min: waits for a free worker"),
        (1, {"frozen_by": "year end"}, "skip", "freeze: year end"),
        (46, {"frozen_by": "year end"}, "skip", "freeze: year end"),
        (1, {"paused_by": "moving house"}, "skip", "paused: moving house"),
        (1, {"frozen_by": "a", "paused_by": "b"}, "skip", "freeze: a"),
        (1, {"newer_is_due": True}, "miss", "a later time is due by now, and only the latest is caught up"),
        (30, {"planned_at": DUE + dt.timedelta(minutes=30)}, "start", ""),
        (
            30,
            {"planned_at": DUE + dt.timedelta(minutes=30), "catch_up": "none"},
            "miss",
            "nothing was planning when it was due, and catch-up is off",
        ),
        (1, {"planned_at": DUE + dt.timedelta(minutes=1), "catch_up": "none"}, "start", ""),
        (1, {"still_running": "run 7"}, "skip", "still running: run 7"),
        (1, {"still_running": "run 7", "overlap": "wait"}, "wait", "waits for run 7"),
        (1, {"before_it": "Log analysis, run 6"}, "wait", "waits for Log analysis, run 6"),
        (1, {"locked_by": "run 7 (db:shop)"}, "wait", "waits for run 7 (db:shop)"),
        (1, {"free_starts": 0}, "wait", "waits for a free worker"),
        (1, {"window": (dt.time(4), dt.time(5))}, "wait", "outside its window 04:00 to 05:00 UTC"),
        (1, {"window": (dt.time(2), dt.time(5))}, "start", ""),
    ],
)
def test_every_reason_in_its_order(minutes: float, facts: dict[str, Any], verb: str, reason: str) -> None:
    assert at(minutes, **facts) == Decision(verb, reason)  # type: ignore[arg-type]  # the table holds plain words


@pytest.mark.parametrize(
    ("window", "moment", "expected"),
    [
        ((2, 5), 2, True),
        ((2, 5), 5, False),
        ((22, 4), 23, True),
        ((22, 4), 3, True),
        ((22, 4), 4, False),
        ((22, 4), 12, False),
    ],
)
def test_a_window_may_go_over_midnight(window: tuple[int, int], moment: int, expected: bool) -> None:
    assert is_inside((dt.time(window[0]), dt.time(window[1])), dt.time(moment)) is expected
