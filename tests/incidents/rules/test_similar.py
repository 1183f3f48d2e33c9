"""What to look for to find similar tickets."""

from __future__ import annotations

import pytest

from incidents.rules.similar import query


@pytest.mark.parametrize(
    ("title", "looks_for"),
    [
        ("", ""),
        ("a of the", ""),
        ("Mail", "'mail':*"),
        ("Mail is", "'mail'"),
        ("Mail late", "'mail' | 'late':*"),
        ("Mail mail late!", "'mail' | 'late':*"),
        ("Mail late today", "('mail' & 'late') | ('mail' & 'today':*) | ('late' & 'today':*)"),
        ("it's \\ & | ! ( ) : * <->", ""),
    ],
)
def test_words_are_looked_for_two_at_a_time(title: str, looks_for: str) -> None:
    assert query(title) == looks_for


def test_a_long_title_does_not_become_a_long_query() -> None:
    assert query(" ".join(f"word{number}" for number in range(300))).count("|") == 27
