"""Which indexes are bloated, and which of them may be rebuilt now."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from maintenance.rules.index_statistics import why_not_believable
from maintenance.rules.reindex_policy import Conditions, Limits, Measured, density, is_bloated, why_not_now

MB = 1024 * 1024
LIMITS = Limits(min_bytes=64 * MB, max_density=50, blind_bytes=1024 * MB, transaction_seconds=300)
FREE = Conditions(
    may_rebuild=True,
    exclusion=False,
    free_disk=10_000 * MB,
    transaction="",
    lock="",
    cannot_see="",
    lag_bytes=0,
    seconds_left=3000,
)
BLOATED = Measured(100 * MB, 20)
NOON = dt.datetime(2026, 4, 5, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("measured", "bloated"),
    [
        (BLOATED, True),
        (Measured(63 * MB, 5), False),
        (Measured(100 * MB, 50), False),
        (Measured(100 * MB, 49.9), True),
        (Measured(100 * MB, 30, fill=45), False),
        (Measured(100 * MB, 24, fill=45), True),
    ],
)
def test_it_is_bloated_when_it_is_large_and_emptier_than_it_was_made(measured: Measured, bloated: bool) -> None:
    assert is_bloated(measured, LIMITS) is bloated


@pytest.mark.parametrize(
    ("leaf", "pages", "empty", "deleted", "expected"),
    [(90.0, 100, 0, 0, 90.0), (90.0, 50, 25, 25, 45.0), (float("nan"), 10, 0, 0, 0.0), (90.0, 0, 0, 0, 0.0)],
)
def test_deleted_pages_count_as_empty(leaf: float, pages: int, empty: int, deleted: int, expected: float) -> None:
    assert density(leaf, pages, empty, deleted) == pytest.approx(expected)


def test_what_a_rebuild_gives_back_is_never_negative() -> None:
    assert Measured(90, 45, fill=90).reclaimable == 45
    assert Measured(90, 100, fill=90).reclaimable == 0


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, ""),
        ({"exclusion": True}, "exclusion constraint"),
        ({"may_rebuild": False, "why_not_allowed": "role ada does not own it"}, "role ada does not own it"),
        ({"cannot_see": "other sessions are hidden"}, "other sessions are hidden"),
        ({"transaction": "pid 7 is open for 10 min"}, "it would wait: pid 7"),
        ({"lock": "pid 8"}, "its table is locked by pid 8"),
        ({"free_disk": 199 * MB}, "not enough free disk: 199 MiB where it lies, and 200 MiB are needed"),
        ({"free_disk": 200 * MB}, ""),
        ({"free_disk": None}, ""),
        ({"lag_bytes": 2 * 1024 * MB}, "a standby is 2.0 GiB behind"),
        ({"seconds_left": 4}, "out of time: it takes about 5.0 s, and 4.0 s are left"),
    ],
)
def test_it_is_not_rebuilt_now_because(facts: dict[str, Any], why: str) -> None:
    said = why_not_now(BLOATED, LIMITS, replace(FREE, **facts))
    assert why in said
    assert bool(said) is bool(why)


def test_without_sight_of_the_disk_only_small_ones_are_rebuilt() -> None:
    large = Measured(1025 * MB, 20)
    assert "cannot be read" in why_not_now(large, LIMITS, replace(FREE, free_disk=None))


@pytest.mark.parametrize(
    ("days", "least", "standby", "why"),
    [
        (31, 30, False, ""),
        (30, 30, False, ""),
        (29, 30, False, "statistics are only 29 days old, and 30 days are needed"),
        (0, 0, False, ""),
        (None, 30, False, "the server does not say since when its statistics count"),
        (99, 30, True, "this is a standby"),
    ],
)
def test_never_used_is_believed_with_old_statistics_only(days: int | None, least: int, standby: bool, why: str) -> None:
    since = None if days is None else NOON - dt.timedelta(days=days)
    said = why_not_believable(since, NOON, least_days=least, is_standby=standby)
    assert said.startswith(why)
    assert bool(said) is bool(why)
