from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.dashboard.metrics.reading import read
from zbmaint.dashboard.metrics.exposition import Family, text


@given(some.text(), some.floats(allow_nan=False))
def test_any_label_and_number_comes_out_as_it_went_in(label: str, number: float) -> None:
    family = Family("m", "gauge", "Says \\ and\nmore.")
    family.add(number, of=label)
    metric = read(text([family]))["m"]
    assert metric.value(of=label) == number
    assert metric.says == r"Says \\ and\nmore."


def test_moments_are_unix_time_and_lengths_seconds() -> None:
    family = Family("m", "gauge", "S.")
    family.add(dt.datetime(1970, 1, 2, tzinfo=dt.UTC), of="moment")
    family.add(dt.timedelta(milliseconds=1500), of="length")
    family.add(None, of="nothing")
    family.add(math.inf)
    assert family.lines == ['m{of="moment"} 86400.0', 'm{of="length"} 1.5', "m +Inf"]


def test_a_histogram_is_cumulative() -> None:
    family = Family("m", "histogram", "S.")
    family.add_histogram((1, 5), (2, 0, 3), 40.5, task="t")
    assert family.lines == [
        'm_bucket{task="t",le="1"} 2',
        'm_bucket{task="t",le="5"} 2',
        'm_bucket{task="t",le="+Inf"} 5',
        'm_sum{task="t"} 40.5',
        'm_count{task="t"} 5',
    ]
    read(text([family]))


def test_a_family_without_samples_is_left_out() -> None:
    assert text([Family("m", "gauge", "S.")]) == "\n"


@pytest.mark.parametrize(
    "page",
    [
        "m 1\n",
        "# HELP m S.\n# TYPE m gauge\nm 1",
        "# HELP m S.\n# TYPE m gauge\nm 1\nm 2\n",
        "# HELP m S.\n# TYPE m counter\nm 1\n",
        '# HELP m S.\n# TYPE m gauge\nm{a="b\\c"} 1\n',
        '# HELP m S.\n# TYPE m gauge\nm{a="b",a="c"} 1\n',
        "# HELP m S.\n# TYPE n gauge\nn 1\n",
        '# HELP m S.\n# TYPE m histogram\nm_bucket{le="1"} 2\nm_bucket{le="+Inf"} 1\nm_sum 1\nm_count 1\n',
    ],
)
def test_the_reader_of_these_tests_is_strict(page: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        read(page)
