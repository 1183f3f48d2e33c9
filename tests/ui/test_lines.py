from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from zbmaint.ui.lines import LinesField, PairsField


def test_lines_are_a_list_without_what_is_empty() -> None:
    assert LinesField().clean(" one \r\n\r\ntwo\n") == ["one", "two"]
    assert LinesField().prepare_value(["one", "two"]) == "one\ntwo"


def test_the_same_lines_with_other_ends_are_no_change() -> None:
    assert not LinesField().has_changed(["one", "two"], "one\r\ntwo\r\n")
    assert LinesField().has_changed(["one", "two"], "two\r\none")


def test_lines_that_are_needed_must_be_there() -> None:
    with pytest.raises(ValidationError, match="required"):
        LinesField(required=True).clean(" \n")


def test_pairs_are_names_with_values() -> None:
    assert PairsField().clean("jobs=4\r\n min_dead_tuples = 500") == {"jobs": "4", "min_dead_tuples": "500"}
    assert PairsField().prepare_value({"jobs": 4}) == "jobs=4"
    assert not PairsField().has_changed({"jobs": 4}, "jobs=4")


@pytest.mark.parametrize(
    ("typed", "says"),
    [("jobs", "“jobs” is no name=value"), ("=4", "“=4” is no name=value"), ("a=1\na=2", "a stands here twice")],
)
def test_a_line_that_is_no_pair_is_named(typed: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        PairsField().clean(typed)
    assert PairsField().has_changed({}, typed)
