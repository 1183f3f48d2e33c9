import datetime as dt

import pytest

from zbmaint.notifications import rules

NOW = dt.datetime(2026, 4, 5, 3, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("attempts", "limit"),
    [
        (1, 10),
        (2, 20),
        (3, 40),
        (4, 80),
        (5, 160),
        (6, 320),
        (7, 640),
        (8, 1280),
        (9, 1800),
        (10, 1800),
        (10_000, 1800),
    ],
)
def test_the_pause_is_anything_up_to_a_limit_that_doubles(attempts: int, limit: int) -> None:
    assert rules.pause(attempts, 1.0).total_seconds() == limit
    assert rules.pause(attempts, 0.5).total_seconds() == limit / 2
    assert rules.pause(attempts, 0.0).total_seconds() == 1


@pytest.mark.parametrize(
    ("now", "attempts", "chance", "expected"),
    [
        (NOW, 1, 0.5, NOW + dt.timedelta(seconds=5)),
        (NOW + 47 * HOUR, 200, 1.0, NOW + 47.5 * HOUR),
        # The last attempt is made when the time is up, not before.
        (NOW + 47.9 * HOUR, 200, 1.0, NOW + 48 * HOUR),
        (NOW + 48 * HOUR, 200, 0.0, None),
        (NOW + 90 * HOUR, 1, 0.0, None),
    ],
)
def test_when_the_next_attempt_is(now: dt.datetime, attempts: int, chance: float, expected: dt.datetime | None) -> None:
    assert rules.next_attempt(attempts, chance, now, NOW + 48 * HOUR) == expected


def test_an_hour_of_failures_is_a_handful_of_attempts_and_48_hours_are_not_thousands() -> None:
    def attempts_in(hours: float) -> int:
        at, count = NOW, 1
        while (following := rules.next_attempt(count, 0.5, at, NOW + 48 * HOUR)) and following <= NOW + hours * HOUR:
            at, count = following, count + 1
        return count

    assert (attempts_in(1), attempts_in(48)) == (11, 200)


FOLLOW = {
    *((state, "queued") for state in ("sent", "bundled")),
    *((state, "cancelled") for state in ("sending", "dead", "bundled")),
    ("sending", "bundled"),
    ("queued", "sending"),
    ("queued", "cancelled"),
    ("sending", "sent"),
    ("sending", "failed"),
    ("sending", "dead"),
    ("failed", "sending"),
    ("failed", "queued"),
    ("failed", "cancelled"),
    ("sent", "queued"),
    ("dead", "queued"),
    ("cancelled", "queued"),
}


@pytest.mark.parametrize("current", rules.MEANING)
@pytest.mark.parametrize("following", rules.MEANING)
def test_which_state_may_follow_which(current: str, following: str) -> None:
    assert rules.may_follow(current, following) is ((current, following) in FOLLOW)


def test_every_state_is_waiting_busy_or_settled() -> None:
    assert set(rules.MEANING) == rules.UNDELIVERED | rules.SETTLED
    assert not rules.UNDELIVERED & rules.SETTLED


@pytest.mark.parametrize(
    ("recent", "most", "expected"), [(0, 5, False), (4, 5, False), (5, 5, True), (99, 5, True), (99, 0, False)]
)
def test_who_belongs_in_a_digest(recent: int, most: int, expected: bool) -> None:
    assert rules.belongs_in_digest(recent, most) is expected


@pytest.mark.parametrize(
    ("names", "expected"), [(["new tickets"] * 14, "14 new tickets"), (["new tickets", "handed on"], "2 notices")]
)
def test_what_a_digest_is_called(names: list[str], expected: str) -> None:
    assert rules.digest_subject(names) == expected


def test_a_digest_is_never_too_long_to_read() -> None:
    lines = rules.digest_lines([f"INC-{number}" for number in range(100)])
    assert (len(lines), lines[0], lines[-1]) == (13, "INC-0", "and 88 more")
    assert rules.digest_lines(["a", "b"]) == ["a", "b"]
