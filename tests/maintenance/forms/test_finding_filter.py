from __future__ import annotations

import datetime as dt

import pytest

from maintenance.forms.finding_filter import FindingFilter
from maintenance.models import Finding
from maintenance.models.finding import standing
from tests.maintenance.made import add_finding, make_run

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 4, 8)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"state": "exploded"}, "There is no state “exploded”. Choose one of: new, ongoing, accepted, resolved."),
        ({"severity": "urgent"}, "There is no severity “urgent”."),
        ({"target": "a\x00b"}, "There is no target “ab”. Choose one of: zbmaint."),
        ({"task": "x" * 5000}, "There is no task “" + "x" * 60 + "”."),
        ({"kind": "held"}, "There is no kind “held”. Choose one of: none yet."),
        ({"q": "a\x00"}, "holds a character"),
        ({"q": "a" * 101}, "has 101 characters; at most 100"),
        ({"page": "0"}, "There is no page “0”."),
        ({"page": "-1"}, "There is no page “-1”."),
        ({"page": "²"}, "There is no page “²”."),
        ({"page": ""}, "There is no page “”."),
        ({"page": "9" * 30}, "There is no page"),
    ],
)
def test_what_means_nothing_is_an_error_in_words(query: dict[str, str], says: str) -> None:
    filters = FindingFilter(query)
    assert len(filters.errors) == 1
    assert says in filters.errors[0]


def test_every_error_is_named() -> None:
    assert len(FindingFilter({"state": "x", "severity": "x", "page": "x"}).errors) == 3


def test_the_address_is_readable_and_leaves_out_what_is_not_in_force() -> None:
    filters = FindingFilter({"state": "new", "severity": "", "target": "zbmaint", "q": " posts ", "utm": "x"})
    assert filters.errors == []
    assert filters.query() == "state=new&target=zbmaint&q=posts"
    assert filters.query(state="", page=2) == "target=zbmaint&q=posts&page=2"
    assert filters.narrows
    assert not FindingFilter({"state": "new"}).narrows


@pytest.mark.parametrize(
    ("state", "until", "stands_in"),
    [
        ("new", None, "new"),
        ("ongoing", TODAY, "ongoing"),
        ("accepted", TODAY, "accepted"),
        ("accepted", TODAY - dt.timedelta(days=1), "ongoing"),
        ("accepted", None, "ongoing"),
        ("resolved", TODAY, "resolved"),
    ],
)
def test_each_finding_stands_in_one_state(state: str, until: dt.date | None, stands_in: str) -> None:
    add_finding(make_run(), state=state, accepted_until=until)
    found = [each for each in Finding.State.values if Finding.objects.filter(standing(each, TODAY)).exists()]
    assert found == [stands_in]
