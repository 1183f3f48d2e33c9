"""Whether a rule is for a ticket, by table."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from incidents.rules.business_time import Calendar
from incidents.rules.matching import Conditions, Facts, match

OFFICE = Calendar("Africa/Harare", ((((8 * 60, 17 * 60),),) * 5) + ((), ()), frozenset({dt.date(2026, 4, 3)}))
MONDAY_NOON = dt.datetime(2026, 4, 6, 10, tzinfo=dt.UTC)  # 12:00 in Harare
TICKET = Facts(
    tier=2,
    severity="critical",
    category="database",
    tags=("disk", "ops-1"),
    title="The disk of ops-1 is full",
    description="It says: no space left on device.",
    source="maintenance",
)
DATABASE = {"database": "Database", "bug": "Bug"}


@pytest.mark.parametrize(
    ("conditions", "matched"),
    [
        ({}, {"ticket": "any"}),
        ({"tier": 2}, {"tier": "tier 2"}),
        ({"severities": ("high", "critical")}, {"severity": "critical"}),
        ({"categories": DATABASE}, {"category": "Database"}),
        ({"tags": ("mail", "disk", "ops-1")}, {"tags": "disk, ops-1"}),
        ({"pattern": "DISK.*full"}, {"text": "“DISK.*full” in the title"}),
        ({"pattern": "no space"}, {"text": "“no space” in the description"}),
        ({"source": "Maintenance"}, {"source": "maintenance"}),
        ({"severities": ("critical",), "tags": ("disk",)}, {"severity": "critical", "tags": "disk"}),
    ],
)
def test_it_says_what_of_the_ticket_matched(conditions: dict[str, Any], matched: dict[str, str]) -> None:
    found = match(Conditions(**conditions), TICKET, MONDAY_NOON)
    assert (found.matched, found.why_not) == (matched, "")


@pytest.mark.parametrize(
    ("conditions", "why_not"),
    [
        ({"tier": 1}, "is for tier 1"),
        ({"severities": ("high", "low")}, "is for severity high or low"),
        ({"categories": {"bug": "Bug"}}, "is for Bug"),
        ({"tags": ("dis", "mail")}, "is for tickets with the tag dis or mail"),
        ({"pattern": "^full"}, "looks for “^full”"),
        ({"pattern": "(broken"}, "looks for “(broken”"),
        ({"source": "prometheus"}, "is for tickets from prometheus"),
        ({"severities": ("critical",), "tags": ("mail",)}, "is for tickets with the tag mail"),
    ],
)
def test_one_condition_that_fails_is_enough_and_is_named(conditions: dict[str, Any], why_not: str) -> None:
    found = match(Conditions(**conditions), TICKET, MONDAY_NOON)
    assert (found.matched, found.why_not) == ({}, why_not)


def test_a_ticket_without_a_category_meets_no_rule_about_categories() -> None:
    assert match(Conditions(categories=DATABASE), Facts(tier=1, severity="low"), MONDAY_NOON).why_not


@pytest.mark.parametrize(
    ("utc", "is_open"),
    [
        ("2026-04-06T05:59:59", False),
        ("2026-04-06T06:00:00", True),
        ("2026-04-06T14:59:59", True),
        ("2026-04-06T15:00:00", False),
        ("2026-04-05T10:00:00", False),  # a Sunday
        ("2026-04-03T10:00:00", False),  # Good Friday
    ],
)
def test_within_and_outside_the_hours_are_opposites(utc: str, is_open: bool) -> None:
    now = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    for when, expected in (("within", is_open), ("outside", not is_open)):
        found = match(Conditions(when=when, calendar=OFFICE, calendar_name="Office"), TICKET, now)
        assert bool(found.matched) is expected
        assert (found.matched.get("hours") or found.why_not).endswith(f"{when} the hours of Office")
