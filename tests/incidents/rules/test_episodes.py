from __future__ import annotations

import datetime as dt

import pytest

from incidents.rules.episodes import PATIENCE, Known, is_over, judge

T0 = dt.datetime(2026, 4, 5, 3, tzinfo=dt.UTC)
T1, T2 = T0 + dt.timedelta(minutes=10), T0 + dt.timedelta(minutes=20)
FIRES = Known("firing", T0, T1)
ENDED = Known("resolved", T0, T1, T1)
SOON, LATER = T1 + PATIENCE, T1 + PATIENCE + dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("known", "status", "starts_at", "received_at", "news"),
    [
        (None, "firing", T0, T1, "fired"),
        (None, "firing", None, T1, "fired"),
        (None, "resolved", T0, T1, "unmatched"),
        (FIRES, "firing", T0, T2, "repeated"),
        (FIRES, "firing", None, T2, "repeated"),
        (FIRES, "firing", T0 - PATIENCE, T2, "repeated"),
        (FIRES, "firing", T1, T2, "again"),  # its end was lost
        (FIRES, "resolved", T0, T2, "resolved"),
        (FIRES, "resolved", T1, T2, "resolved"),
        (FIRES, "resolved", T0 - PATIENCE, T2, "late"),  # of the episode before
        (FIRES, "resolved", None, T2, "resolved"),
        (FIRES, "resolved", None, T0, "late"),  # read after what came after it
        (ENDED, "resolved", T0, T2, "repeated"),
        (ENDED, "firing", T1, T1, "again"),  # a new episode, however soon
        (ENDED, "firing", T0, SOON, "late"),  # a replica that lags
        (ENDED, "firing", T0, LATER, "again"),
        (ENDED, "firing", None, T2, "again"),
        (ENDED, "firing", None, T0, "late"),
    ],
)
def test_what_is_new(
    known: Known | None, status: str, starts_at: dt.datetime | None, received_at: dt.datetime, news: str
) -> None:
    assert judge(known, status, starts_at, received_at) == news


@pytest.mark.parametrize(
    ("starts_at", "received_at", "resolved", "over"),
    [
        (T0, SOON, T0, True),
        (T0, LATER, T0, False),
        (T1, SOON, T0, False),  # a newer episode
        (T0, SOON, T1, True),
        (None, SOON, None, False),  # without times what came later is newer
        (None, T0, None, True),
    ],
)
def test_an_end_that_came_first(
    starts_at: dt.datetime | None, received_at: dt.datetime, resolved: dt.datetime | None, over: bool
) -> None:
    assert is_over(starts_at, received_at, resolved=resolved, resolved_received_at=T1) is over
