"""Who may do what to whom: the rules, without a database."""

from __future__ import annotations

import pytest

from zbmaint.access import rules
from zbmaint.access.rules import Powers

ALL = Powers(everything=True, permissions=frozenset())
NONE = Powers(everything=False, permissions=frozenset())
PEOPLE = Powers(everything=False, permissions=frozenset({"access.use_admin", "access.change_person"}))
MORE = Powers(everything=False, permissions=PEOPLE.permissions | {"maintenance.start_run"})


@pytest.mark.parametrize(
    ("powers", "manages"),
    [
        (ALL, True),
        (PEOPLE, True),
        (MORE, True),
        (NONE, False),
        (Powers(everything=False, permissions=frozenset({"access.change_person"})), False),
        (Powers(everything=False, permissions=frozenset({"access.use_admin"})), False),
    ],
)
def test_managing_people_needs_both_the_permission_and_the_way_in(powers: Powers, manages: bool) -> None:
    assert powers.manages_people is manages


@pytest.mark.parametrize(
    ("one", "other", "beyond"),
    [
        (NONE, NONE, False),
        (PEOPLE, MORE, False),
        (MORE, PEOPLE, True),
        (ALL, MORE, True),
        (MORE, ALL, False),
        (ALL, ALL, False),
    ],
)
def test_what_goes_beyond_what(one: Powers, other: Powers, beyond: bool) -> None:
    assert one.beyond(other) is beyond


def test_nobody_changes_somebody_who_may_do_more() -> None:
    assert rules.why_not_touch(PEOPLE, ALL) is not None
    assert rules.why_not_touch(PEOPLE, NONE) is None
    assert rules.why_not_touch(ALL, ALL) is None


def test_nobody_gives_a_role_that_may_do_more() -> None:
    assert rules.why_not_give(PEOPLE, MORE) is not None
    assert rules.why_not_give(MORE, PEOPLE) is None


def test_nobody_adds_a_permission_they_do_not_have() -> None:
    assert rules.why_not_grant(PEOPLE, NONE, MORE) is not None
    assert rules.why_not_grant(PEOPLE, NONE, ALL) is not None
    assert rules.why_not_grant(PEOPLE, NONE, PEOPLE) is None


def test_taking_away_is_allowed_and_so_is_keeping_what_was_there() -> None:
    assert rules.why_not_grant(PEOPLE, MORE, MORE) is None
    assert rules.why_not_grant(PEOPLE, ALL, NONE) is None


def test_nobody_retires_themselves() -> None:
    assert rules.why_not_retire(is_self=True) is not None
    assert rules.why_not_retire(is_self=False) is None


def test_somebody_who_manages_people_must_be_left() -> None:
    assert rules.why_not_without_manager(0) is not None
    assert rules.why_not_without_manager(1) is None
