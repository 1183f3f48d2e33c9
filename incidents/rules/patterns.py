"""Patterns of assignment rules: regular expressions that take time in proportion to the text, whoever wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

LONGEST: Final = 200
# Steps of the compiled pattern. Time goes with steps times characters: half a second for 50,000 at the very worst.
MOST_STEPS: Final = 1_500
TOO_MUCH: Final = "The pattern repeats too much. Use lower numbers in braces, or * for any number of times."
# How a complaint of the engine begins, and what it means for who types; {part} is what it complains of.
MEANINGS: Final = (
    (
        "invalid perl operator: (?P",
        "(?P only begins a named group, such as (?P<host>db-.*). It cannot refer back.",
    ),
    (
        "invalid perl operator: ",
        "{part} is not possible: patterns know no look-around, atomic groups or comments. Write what the text holds.",
    ),
    ("invalid escape sequence: \\Z", "\\Z is not possible. Write $ for the end of the text."),
    ("invalid escape sequence: ", "{part} means nothing. Leave the backslash out, or write \\\\ for a backslash."),
    ("trailing \\", "The pattern ends in a backslash. Write \\\\ for a backslash."),
    ("missing )", "A ( has no ). Add it, or write \\( for the bracket itself."),
    ("unexpected )", "A ) has no (. Add it, or write \\) for the bracket itself."),
    ("missing ]", "A [ has no ]. Add it, or write \\[ for the bracket itself."),
    ("no argument for repetition operator: ", "{part} has nothing to repeat. Write .* for any text."),
    ("bad repetition operator: ", "{part} repeats a repetition. Keep one of the two."),
    (
        "invalid repetition size: ",
        "{part} repeats too often, or ends before it begins. At most 1,000 times are possible, those inside counted.",
    ),
    ("invalid character class range: ", "{part} is no range of characters. Write one such as a-z or 0-9."),
    ("pattern too large", TOO_MUCH),
)


@dataclass(frozen=True, slots=True)
class _Reading:
    regexp: Any
    fault: str | None


def why_not(pattern: str) -> str | None:
    """Why `pattern` cannot be one, in words that say what to do; None when it can."""
    return _read(pattern).fault


def matches(pattern: str, *texts: str) -> bool:
    """Whether `pattern` occurs in one of `texts`, in capitals or not. One that `why_not` refuses matches nothing."""
    reading = _read(pattern)
    return reading.fault is None and any(
        # A lone surrogate, which JSON can carry, is no text for the engine.
        reading.regexp.search(text.encode(errors="replace")) is not None
        for text in texts
    )


@lru_cache(maxsize=256)
def _read(pattern: str) -> _Reading:
    if not pattern.strip():
        return _Reading(None, "An empty pattern would match everything. Write .* if that is meant.")
    if len(pattern) > LONGEST:
        return _Reading(None, f"The pattern has {len(pattern):,} characters; at most {LONGEST} are possible.")
    try:
        regexp = re2.compile(pattern, _options())
    except UnicodeEncodeError:
        return _Reading(None, "The pattern holds a character that is no text. Type it anew.")
    except re2.error as error:
        return _Reading(None, _meaning(error.args[0].decode(errors="replace")))
    return _Reading(regexp, TOO_MUCH if regexp.programsize > MOST_STEPS else None)


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    return options


def _meaning(complaint: str) -> str:
    part = complaint.partition(": ")[2]
    if part[1:].isdigit():
        return f"{part} refers back to a group, which is not possible. Write out what the text holds."
    for beginning, words in MEANINGS:
        if complaint.startswith(beginning):
            return words.replace("{part}", part)
    return f"The pattern cannot be read: {complaint}."
