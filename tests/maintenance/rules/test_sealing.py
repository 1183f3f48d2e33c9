"""What shows that a report is unchanged."""

from __future__ import annotations

import hashlib

import pytest

from maintenance.rules.sealing import canonical, digest


def test_the_same_content_is_written_in_one_way_whatever_the_order_of_its_keys() -> None:
    text = '{"a":{"x":0.1,"y":null},"b":["ü",1]}'
    assert canonical({"b": ["ü", 1], "a": {"y": None, "x": 0.1}}) == text
    assert digest({"b": ["ü", 1], "a": {"y": None, "x": 0.1}}) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("other", [{"a": 2}, {"a": 1.0}, {"b": 1}, {"a": None}, {"a": 1, "b": 1}])
def test_any_other_content_has_another_digest(other: dict[str, object]) -> None:
    assert digest(other) != digest({"a": 1})


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"a": float("nan")})
