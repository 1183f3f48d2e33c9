"""What happens next to a ticket, and whom it waits for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from incidents.rules.next_step import Standing, next_step

NOW = dt.datetime(2026, 4, 5, 3, 12, tzinfo=dt.UTC)
WAITS = Standing("open", 1, on_call="a.moyo", due=NOW + dt.timedelta(hours=1), due_clock="response")
OVER = NOW - dt.timedelta(minutes=8)


def said(standing: Standing) -> tuple[str, str]:
    """Its tone, and its sentences with @ where a moment stands."""
    step = next_step(standing, NOW)
    return step.tone, " ".join(each.before + ("@" if each.moment else "") + each.after for each in step.sentences)


@pytest.mark.parametrize(
    ("facts", "tone", "says"),
    [
        (
            {},
            "",
            "Tier 1 must respond @, then it is recorded as missed. Nobody has it: anybody of tier 1 may claim it.",
        ),
        (
            {"on_call": None},
            "warning",
            "Nobody has it, and nobody is on call for tier 1: anybody of tier 1 may claim it.",
        ),
        ({"due": NOW + dt.timedelta(minutes=5)}, "warning", "Tier 1 must respond @"),
        ({"at_risk": NOW}, "warning", "Tier 1 must respond @"),
        ({"due": OVER}, "danger", "Tier 1 should have responded @: its target is missed."),
        ({"due": OVER, "due_clock": "resolution"}, "danger", "It should have been resolved @: the target is missed."),
        ({"due_clock": "resolution"}, "", "It must be resolved @, then it is recorded as missed."),
        ({"due": None, "responded": True}, "", "Tier 1 has responded, and resolving it has no target: nothing is due."),
        ({"due": None}, "", "No clock runs, and resolving it has no target"),
        (
            {"paused_until": NOW, "due": None, "waits_for": "The release"},
            "info",
            "Paused (The release); goes on by itself @.",
        ),
        ({"holder": "k.dlamini"}, "", "Waits for k.dlamini to accept it; anybody of tier 1 may claim it."),
        ({"holder": "k.dlamini", "mine": True}, "", "Waits for you to acknowledge it."),
        ({"holder": "k.dlamini", "left": True}, "", "k.dlamini has left: anybody of tier 1 may claim it."),
        ({"holder": "k.dlamini", "accepted": True}, "", "k.dlamini has it, and work on it has not begun."),
        ({"holder": "k", "accepted": True, "mine": True, "status": "in_progress"}, "", "You have it."),
        ({"clear": True}, "", "Its source is clear again: whoever works on it says when it ends."),
        ({"status": "resolved", "closes_at": NOW}, "", "Closes by itself @, unless somebody reopens it."),
        ({"status": "closed"}, "", "Closed. Nothing happens any more; reopen it if it comes back."),
    ],
)
def test_it_says_what_happens_next(facts: dict[str, object], tone: str, says: str) -> None:
    found = said(replace(WAITS, **facts))  # type: ignore[arg-type]  # its own fields
    assert found[0] == tone
    assert says in found[1]
