"""How things are together, by table; what differs between two reports."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from maintenance.rules.health import PARTS, Seen, changes, together, used_up

STATES = {"u": "up", "g": "degraded", "d": "down", "?": "unknown", "p": "paused", "m": "maintenance"}


def seen(letters: str) -> list[Seen]:
    """One for each letter; a capital one is critical."""
    marks = {"U": "u", "G": "g", "D": "d", "!": "?"}
    return [
        Seen(f"s{number}", STATES[marks.get(letter, letter)], critical=letter in marks)
        for number, letter in enumerate(letters)
    ]


@pytest.mark.parametrize(
    ("letters", "state"),
    [
        ("", "unknown"),
        ("p", "unknown"),
        ("pm", "unknown"),
        ("u", "up"),
        ("Uu", "up"),
        ("Up", "up"),
        ("g", "degraded"),
        ("G", "degraded"),
        ("Ug", "degraded"),
        ("Ud", "degraded"),
        ("ud", "degraded"),
        ("d", "down"),
        ("dd", "down"),
        ("dp", "down"),
        ("D", "down"),
        ("DU", "down"),
        ("Duuu", "down"),
        ("D!", "down"),
        ("?", "unknown"),
        ("??", "unknown"),
        ("u?", "up"),
        ("U?", "up"),
        ("!u", "unknown"),
        ("!U", "unknown"),
        ("!g", "unknown"),
        ("!d", "unknown"),
        ("g?", "degraded"),
        ("d?", "degraded"),
    ],
)
def test_the_rule_by_table(letters: str, state: str) -> None:
    assert together(seen(letters)).state == state


def test_it_never_says_up_while_a_critical_one_is_not() -> None:
    for letters in product("uUgGdD?!", repeat=3):
        whole = together(seen("".join(letters)))
        critical = {each.state for each in seen("".join(letters)) if each.critical}
        if whole.state == "up":
            assert critical <= {"up"}, letters
        if "down" in critical:
            assert whole.state == "down", letters


def test_worse_never_makes_the_whole_better() -> None:
    order = ["up", "degraded", "down"]
    for one, other in product("uUgGdD", repeat=2):
        worse = {"u": "g", "g": "d", "d": "d", "U": "G", "G": "D", "D": "D"}[one]
        before, after = together(seen(one + other)).state, together(seen(worse + other)).state
        assert order.index(after) >= order.index(before), (one, other)


def test_it_names_who_is_not_up_and_why() -> None:
    one = [Seen("API", "down", True, "It answers 503."), Seen("Web", "up"), Seen("Mail", "up")]
    assert together(one).says == "API is down: It answers 503. 2 of 3 are up."
    many = [Seen(name, "down") for name in "ABCDE"]
    assert together(many).says == "A, B, C and 2 more are down."
    assert together([Seen("A", "unknown"), Seen("B", "degraded", reason="Slow.")]).says == (
        "B is degraded: Slow. A is unknown."
    )
    assert together([Seen("A", "up"), Seen("B", "up")]).says == "All 2 are up."
    assert together([Seen("Cache", "up")]).says == "Cache is up."
    assert together([Seen("A", "up"), Seen("B", "up")], noun="parts").says == "All 2 parts are up."
    assert together([]).says == "Nothing looks at it."
    assert together([Seen("A", "paused")]).says == "All of it is paused, or in planned work."


def test_what_a_part_and_its_service_are_both_called_is_said_once() -> None:
    slow = Seen("Database", "degraded", reason="Database is degraded: It answered after 2.2s.")
    assert together([slow, Seen("Cache", "up")]).says == "Database is degraded: It answered after 2.2s. 1 of 2 is up."
    assert together([Seen("Database", "down", reason="Database is down.")]).says == "Database is down."
    other = Seen("Database", "down", reason="Database of shops is down.")
    assert together([other]).says == "Database is down: Database of shops is down."


def report(overall: str, **parts: str) -> dict[str, Any]:
    return {"overall": overall} | {key: {"status": status} for key, status in parts.items()}


def test_a_part_whose_name_is_a_plural_takes_its_verb() -> None:
    parts = [Seen("External services", "down"), Seen("Cache", "degraded"), Seen("Disk", "up")]
    assert together(parts).says == "External services are down. Cache is degraded. 1 of 3 is up."
    assert together([Seen("Queue and workers", "up")]).says == "Queue and workers are up."


def test_changes_are_sentences_of_what_differs() -> None:
    before = report("up", database="up", cache="degraded", disk="up")
    after = report("degraded", database="degraded", cache="degraded", queue="up")
    assert changes(before, after) == ["Overall: up → degraded", "Database: up → degraded"]
    assert changes(None, after) == []
    assert changes(after, after) == []


def test_the_parts_are_those_of_the_specification_and_three_more() -> None:
    named = {"application", "database", "cache", "external_services", "performance_metrics"}
    assert set(PARTS) - named == {"queue", "scheduler", "disk"}


@pytest.mark.parametrize(
    ("used", "most", "full"),
    [(95.0, 100.0, True), (94.9, 100.0, False), (None, 100.0, False), (95.0, None, False), (1.0, 0.0, False)],
)
def test_what_is_not_known_is_not_used_up(used: float | None, most: float | None, full: bool) -> None:
    assert used_up(used, most, 0.95) is full
