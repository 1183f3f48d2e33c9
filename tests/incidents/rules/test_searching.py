"""What somebody looks for."""

from __future__ import annotations

import pytest

from incidents.rules import searching
from incidents.rules.searching import Wanted, number_alone, read


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1193", Wanted(None, ("1193",))),
        (" inc-1193 ", Wanted(1193)),
        ("#7", Wanted(7)),
        ("Sign-in FAILS", Wanted(None, ("sign", "in", "fails"))),
        ("public.posts_old", Wanted(None, ("public", "posts", "old"))),
        ("a & !b | (c:*) <-> 'd'", Wanted(None, ("a", "b", "c", "d"))),
        ("пароль", Wanted(None, ("пароль",))),
        ("", Wanted()),
        ("1" * 40, Wanted(None, ("1" * 40,))),
    ],
)
def test_it_reads_numbers_and_words_and_no_operators(text: str, wanted: Wanted) -> None:
    assert read(text) == wanted


@pytest.mark.parametrize("text", ["12", " INC-12 ", "inc-012", "#12"])
def test_a_number_alone_may_mean_a_ticket(text: str) -> None:
    assert number_alone(text) == 12


@pytest.mark.parametrize("text", ["", "error 12", "12 13", "INC 12", "-12", "1.2", "\u0661\u0662", "1" * 19, "12\x00"])
def test_everything_else_means_none(text: str) -> None:
    assert number_alone(text) is None


def test_the_last_word_is_a_beginning() -> None:
    assert read("reset pass").query == "'reset' & 'pass':*"
    assert read("").query == ""


def test_a_figure_is_no_beginning() -> None:
    assert read("error 50").query == "'error' & '50'"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x" * 10_000, "10,000 characters"),
        ("a\x00b", "no ticket can hold"),
        ("&& !!", "no word to look for"),
        (" ".join("abcdefghijklmnop"), "16 words"),
        ("", None),
        ("mail", None),
    ],
)
def test_what_cannot_be_looked_for_is_said(text: str, says: str | None) -> None:
    problem = searching.why_not(text)
    assert (problem is None) if says is None else says in (problem or "")
