"""Who can be given a ticket by itself, and who of several gets it, by table."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from incidents.rules.choosing import Candidate, least_loaded, why_not, why_not_available

NOW = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
BACK = dt.datetime(2026, 12, 3, 8, tzinfo=dt.UTC)


def person(name: str = "k.dlamini", **facts: Any) -> Candidate:
    given: dict[str, Any] = {"tier": 2, "cap": 10} | facts
    return Candidate(name, **given)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, None),
        ({"tier": None}, None),
        ({"active": False}, "has left"),
        ({"may": False}, "may not work on tickets"),
        ({"tier": 1}, "is in tier 1"),
        ({"away_until": BACK, "away_reason": "leave"}, "away until 3 Dec 2026, 08:00 UTC: leave"),
        ({"away_until": BACK}, "away until 3 Dec 2026, 08:00 UTC"),
        ({"away_until": NOW}, None),
        ({"open_tickets": 9}, None),
        ({"open_tickets": 10}, "has 10 open tickets, the cap is 10"),
        ({"open_tickets": 1, "cap": 1}, "has 1 open ticket, the cap is 1"),
        ({"cap": 0}, "has no open tickets, the cap is 0"),
        ({"active": False, "open_tickets": 99}, "has left"),
    ],
)
def test_it_says_why_somebody_is_passed_over(facts: dict[str, Any], reason: str | None) -> None:
    assert why_not(person(**facts), tier=2, now=NOW) == reason


def test_the_cap_does_not_matter_for_who_is_on_call() -> None:
    assert why_not_available(person(open_tickets=99), tier=2, now=NOW) is None


LATE, EARLY = NOW - dt.timedelta(hours=1), NOW - dt.timedelta(hours=9)


@pytest.mark.parametrize(
    ("people", "gets_it", "load"),
    [
        ([person("b", open_tickets=3), person("a", open_tickets=4)], "b", "3 open tickets, the fewest of 2 available"),
        ([person("b", newest=EARLY), person("a", newest=LATE)], "b", "no open tickets, the fewest of 2 available"),
        ([person("b"), person("a", newest=EARLY)], "b", "no open tickets, the fewest of 2 available"),
        ([person("b"), person("a")], "a", "no open tickets, the fewest of 2 available"),
        ([person("b", open_tickets=1), person("a", active=False)], "b", "1 open ticket, the fewest of 1 available"),
        ([person("b", cap=0), person("a", tier=1)], None, ""),
        ([], None, ""),
    ],
)
def test_the_least_loaded_gets_it_and_equals_take_turns(
    people: list[Candidate], gets_it: str | None, load: str
) -> None:
    for order in (people, people[::-1]):
        found = least_loaded(order, tier=2, now=NOW)
        assert (found.person and found.person.name, found.load) == (gets_it, load)


def test_who_cannot_take_it_is_named_with_the_reason() -> None:
    found = least_loaded([person("c"), person("b", active=False), person("a", cap=0)], tier=2, now=NOW)
    assert found.passed_over == [("a", "has no open tickets, the cap is 0"), ("b", "has left")]
