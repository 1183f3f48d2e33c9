"""Patterns: found in capitals or not, refused in words, and never slow."""

from __future__ import annotations

import pytest
import re2

from incidents.rules import patterns


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("disk", "The DISK is full"),
        ("^api-[0-9]+$", "API-17"),
        (r"\bpg_(wal|xact)\b", "no space in pg_wal"),
        ("ärger", "ÄRGER"),
        ("(?P<host>db-.*)", "db-1"),
        ("a.c", "abc"),
        (".*", ""),
    ],
)
def test_a_pattern_is_found_anywhere_whatever_the_capitals(pattern: str, text: str) -> None:
    assert patterns.why_not(pattern) is None
    assert patterns.matches(pattern, text)


def test_one_text_of_several_is_enough() -> None:
    assert patterns.matches("disk", "nothing", "a disk")
    assert not patterns.matches("disk", "nothing", "nor here")
    assert not patterns.matches("disk")


def test_texts_are_not_joined() -> None:
    assert not patterns.matches("one.*two", "one", "two")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "everything"),
        ("  ", "everything"),
        ("x" * 201, "201 characters; at most 200"),
        (r"(a)\1", r"\1 refers back to a group"),
        ("(?P<n>a)(?P=n)", "cannot refer back"),
        ("(?=a)b", "(?= is not possible"),
        ("(?!a)b", "(?! is not possible"),
        ("(?<=a)b", "(?<= is not possible"),
        ("(?<!a)b", "(?<! is not possible"),
        ("(?>a)", "(?> is not possible"),
        (r"a\Z", "Write $"),
        (r"\q", r"\q means nothing"),
        ("a\\", "ends in a backslash"),
        ("(a", "A ( has no )"),
        ("a)", "A ) has no ("),
        ("[a", "A [ has no ]"),
        ("*disk*", "* has nothing to repeat. Write .*"),
        ("a**", "** repeats a repetition"),
        ("a{3,1}", "{3,1} repeats too often, or ends before it begins"),
        ("[z-a]", "z-a is no range"),
        ("\ud800", "no text"),
    ],
)
def test_it_refuses_a_pattern_in_words_and_matches_nothing(pattern: str, words: str) -> None:
    assert words in (patterns.why_not(pattern) or "")
    assert not patterns.matches(pattern, pattern, "", "aab", "disk", "abc")


@pytest.mark.parametrize(
    "pattern",
    [
        "((a{1000}){1000})",
        "(?:(?:(?:(?:){1000}){1000}){1000})",
        "((((){99}){99}){99})",
        r"\pL{20}",
        r"\pL{900}",
        ".{1000}",
        "(?:[ab]?){1000}[ab]{900}c",
        "".join(f"(?:.?{letter}{{1000}})" for letter in "abcdefgh"),
    ],
)
def test_it_refuses_a_repetition_bomb(pattern: str) -> None:
    assert "repeats too" in (patterns.why_not(pattern) or "")
    assert not patterns.matches(pattern, "a" * 3000)


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a*)*$", "(a|aa)+$", "(.*a){20}$", "(?:a?){200}a{200}$"])
def test_nested_repetitions_come_to_an_end(pattern: str) -> None:
    assert patterns.why_not(pattern) is None
    assert not patterns.matches(pattern, "a" * 50_000 + "b")
    assert patterns.matches(pattern, "a" * 50_000)


def test_a_text_with_a_lone_surrogate_is_read_like_any_other() -> None:
    assert patterns.matches("disk", "\ud800 disk \x00")


def test_the_longest_pattern_is_allowed() -> None:
    assert patterns.matches("x" * 200, "X" * 200)


@pytest.mark.parametrize("complaint", ["something new: {0}", "", ":"])
def test_a_complaint_that_nobody_foresaw_is_told_as_it_is(complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise re2.error(complaint.encode())

    monkeypatch.setattr(re2, "compile", refuse)
    patterns._read.cache_clear()
    assert patterns.why_not("unforeseen") == f"The pattern cannot be read: {complaint}."
    patterns._read.cache_clear()
