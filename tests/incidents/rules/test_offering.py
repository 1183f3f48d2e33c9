"""What a person can do to a ticket."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.rules.offering import offered

NOBODYS: dict[str, Any] = {
    "status": "open",
    "mine": False,
    "holder": None,
    "accepted": False,
    "actor_tier": 2,
    "tier": 2,
    "paused": False,
}


def primary(**facts: Any) -> str:
    """The text of the first button, if one comes first."""
    found = [offer.text for offer in offered(**NOBODYS | facts) if offer.primary]
    assert len(found) <= 1
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "Claim"),
        ({"holder": "other"}, "Claim"),
        ({"holder": "other", "accepted": True}, ""),
        ({"actor_tier": 1}, ""),
        ({"actor_tier": None}, "Claim"),
        ({"mine": True}, "Acknowledge"),
        ({"mine": True, "accepted": True}, "Start"),
        ({"mine": True, "accepted": True, "status": "in_progress"}, "Resolve"),
        ({"mine": True, "accepted": True, "status": "in_progress", "paused": True}, "Let it go on"),
        ({"status": "resolved"}, ""),
    ],
)
def test_one_comes_first_as_far_as_it_is_this_persons(facts: dict[str, Any], text: str) -> None:
    assert primary(**facts) == text


@pytest.mark.parametrize(
    ("facts", "deeds"),
    [
        ({}, ["claim", "assign", "escalate", "resolve", "hand-back", "pause", "edit"]),
        ({"tier": 1, "actor_tier": 1}, ["claim", "assign", "escalate", "resolve", "pause", "edit"]),
        ({"tier": 3, "actor_tier": 1}, ["assign", "vendor", "resolve", "hand-back", "pause", "edit"]),
        ({"paused": True}, ["claim", "resume", "assign", "escalate", "resolve", "hand-back", "edit"]),
        ({"status": "resolved"}, ["reopen", "close"]),
        ({"status": "closed"}, ["reopen"]),
    ],
)
def test_only_what_is_possible_is_offered(facts: dict[str, Any], deeds: list[str]) -> None:
    assert [offer.deed for offer in offered(**NOBODYS | facts)] == deeds
