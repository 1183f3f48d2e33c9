from __future__ import annotations

from typing import Any

import pytest

from incidents.rules.assigning import why_not_assign, why_not_claim

NOBODYS: dict[str, Any] = {
    "status": "open",
    "mine": False,
    "holder": None,
    "accepted": False,
    "actor_tier": 1,
    "tier": 1,
}


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"actor_tier": None},
        {"status": "in_progress"},
        {"holder": "ben"},
        {"holder": "ben", "status": "in_progress"},
        {"mine": True},
        {"mine": True, "accepted": True},
        {"mine": True, "status": "in_progress"},
        {"mine": True, "actor_tier": 2},
    ],
    ids=str,
)
def test_it_may_be_taken(facts: dict[str, Any]) -> None:
    assert why_not_claim(**NOBODYS | facts) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"holder": "ben", "accepted": True}, "ben has it already."),
        ({"holder": "ben", "accepted": True, "actor_tier": None}, "ben has it already."),
        (
            {"actor_tier": 2},
            "This ticket is in tier 1, and you are in tier 2: only its own tier can claim it.",
        ),
        (
            {"mine": True, "accepted": True, "status": "in_progress"},
            "It is yours already, and in progress.",
        ),
        (
            {"status": "closed"},
            "This ticket is closed and is not changed any more. What can be done: reopen.",
        ),
    ],
    ids=str,
)
def test_it_refuses_to_give_it(facts: dict[str, Any], expected: str) -> None:
    assert why_not_claim(**NOBODYS | facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"person_tier": None}, None),
        ({"name": "", "active": False, "may": False, "person_tier": 3}, None),
        ({"active": False}, "ben has left."),
        ({"may": False}, "ben may not work on tickets: their role does not allow it."),
        (
            {"person_tier": 2},
            "ben is in tier 2, and this ticket is in tier 1. Escalate it or hand it back first.",
        ),
    ],
    ids=str,
)
def test_who_may_be_given_one(facts: dict[str, Any], expected: str | None) -> None:
    given: dict[str, Any] = {"name": "ben", "active": True, "may": True, "person_tier": 1, "tier": 1}
    assert why_not_assign(**given | facts) == expected
