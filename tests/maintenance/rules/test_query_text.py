"""Statements of others, without their literals."""

from __future__ import annotations

import pytest

from maintenance.rules.query_text import without_literals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", "SELECT ?"),
        ("select *\n  from  users\twhere mail = 'ada@example.org'", "select * from users where mail = ?"),
        ("SELECT 'it''s', E'a\\'b', U&'x', B'01', 3.5e-7, .5, -2", "SELECT ?, ?, ?, ?, ?, ?, -?"),
        ("SELECT t1.c2, \"Odd 'name' 7\" FROM s3.t4", "SELECT t1.c2, \"Odd 'name' 7\" FROM s3.t4"),
        ("DO $$ BEGIN 'x'; END $$; SELECT $body$ 42 $$ 1 $body$", "DO ?; SELECT ?"),
        ("UPDATE t SET a = $1, b = $2 WHERE c = 9", "UPDATE t SET a = $1, b = $2 WHERE c = ?"),
        ("SELECT 1 /* card 4111 */ -- and 12\n, 2", "SELECT ? , ?"),
        ("INSERT INTO t VALUES ('cut off in the mid", "INSERT INTO t VALUES (?"),
        ("SELECT $q$ cut off", "SELECT ?"),
        ("", ""),
        ("SELECT 'ünï' || 'çödé' FROM straße", "SELECT ? || ? FROM straße"),
    ],
)
def test_literals_and_comments_are_gone(text: str, expected: str) -> None:
    assert without_literals(text) == expected


def test_long_text_is_cut() -> None:
    cut = without_literals("SELECT " + ", ".join("column" for _ in range(200)))
    assert len(cut) == 300
    assert cut.endswith("…")


@pytest.mark.parametrize("evil", ["'", '"', "$a", "/*", "1", "e'\\", "$$", "--"])
def test_hostile_text_ends(evil: str) -> None:
    assert len(without_literals(evil * 50_001)) <= 300
