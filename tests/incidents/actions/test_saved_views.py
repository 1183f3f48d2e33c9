"""A person's own views of the queue."""

from __future__ import annotations

import pytest

from incidents.actions import saved_views
from incidents.actions.refusals import TicketRefused
from incidents.models import SavedView
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


def test_a_view_is_kept_under_its_name_and_replaced_by_it(people: dict[str, Person]) -> None:
    one = people["tier1"]
    saved_views.save(one, "  Sign-in  trouble ", tab="1", query="tag=sign-in")
    saved_views.save(one, "Sign-in trouble", tab="all", query="q=sign")
    assert list(SavedView.objects.values_list("person", "name", "tab", "query")) == [
        (one.pk, "Sign-in trouble", "all", "q=sign")
    ]
    saved_views.save(people["tier2"], "Sign-in trouble", tab="2", query="")
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize(("name", "says"), [("", "Give it a name"), (" \x00", "Give it a name"), ("x" * 61, "61")])
def test_a_bad_name_is_refused(people: dict[str, Person], name: str, says: str) -> None:
    with pytest.raises(TicketRefused, match=says):
        saved_views.save(people["tier1"], name, tab="1", query="")


def test_there_are_not_endlessly_many(people: dict[str, Person]) -> None:
    for number in range(saved_views.MOST):
        saved_views.save(people["tier1"], str(number), tab="1", query="")
    with pytest.raises(TicketRefused, match="Remove one first"):
        saved_views.save(people["tier1"], "one more", tab="1", query="")
    saved_views.save(people["tier1"], "3", tab="2", query="")


def test_only_ones_own_is_removed(people: dict[str, Person]) -> None:
    view = saved_views.save(people["tier1"], "Mine", tab="mine", query="")
    with pytest.raises(TicketRefused, match="somebody else"):
        saved_views.remove(view, actor=people["lead"])
    saved_views.remove(view, actor=people["tier1"])
    assert not SavedView.objects.exists()
