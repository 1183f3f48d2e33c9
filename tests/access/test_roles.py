"""Roles as data: what can be done to them, and what is refused."""

from __future__ import annotations

import dataclasses

import pytest
from django.contrib.auth.models import Permission

from tests.auditing import entries, entry
from zbmaint.access import defaults
from zbmaint.access.actions import roles as actions
from zbmaint.access.actions.roles import RoleDetails
from zbmaint.access.models import Person, Role
from zbmaint.access.permissions import WORDS
from zbmaint.access.powers import Refused, powers_of

People = dict[str, Person]


def details(role: Role) -> RoleDetails:
    """The role as it is."""
    return RoleDetails(
        key=role.key,
        name=role.name,
        description=role.description,
        rank=role.rank,
        grants_everything=role.grants_everything,
        permissions=frozenset(role.permissions.all()),
    )


def permission(name: str) -> Permission:
    """The permission called `app.codename`."""
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def test_a_permission_is_added_and_works_at_once(people: People) -> None:
    viewer = people["viewer"].role
    wanted = dataclasses.replace(
        details(viewer), permissions=details(viewer).permissions | {permission("maintenance.start_run")}
    )
    actions.change(viewer, wanted, actor=people["admin"])
    assert Person.objects.get(username="viewer").has_perm("maintenance.start_run")
    kept = entry()
    assert kept.before is not None
    assert kept.after is not None
    assert set(kept.after["permissions"]) - set(kept.before["permissions"]) == {"maintenance.start_run"}
    assert "name" not in kept.after


def test_a_change_of_nothing_records_nothing(people: People) -> None:
    viewer = people["viewer"].role
    actions.change(viewer, details(viewer), actor=people["admin"])
    assert not entries().exists()


def test_the_last_role_that_manages_people_cannot_lose_that(people: People) -> None:
    admin = people["admin"].role
    with pytest.raises(Refused, match="Nobody would be left"):
        actions.change(
            admin,
            dataclasses.replace(details(admin), grants_everything=False, permissions=frozenset()),
            actor=people["admin"],
        )
    assert Role.objects.get(key="admin").grants_everything


def test_nobody_adds_what_they_do_not_have_to_their_own_role(people: People) -> None:
    lead = people["lead"].role
    for wanted in (
        dataclasses.replace(details(lead), grants_everything=True),
        dataclasses.replace(
            details(lead), permissions=details(lead).permissions | {permission("maintenance.change_target")}
        ),
    ):
        with pytest.raises(Refused, match="do not have yourself"):
            actions.change(lead, wanted, actor=people["lead"])
    assert not entries().exists()


def test_a_role_is_made_with_its_permissions(people: People) -> None:
    wanted = RoleDetails("night", "Night shift", "", 3, False, frozenset({permission("maintenance.view_run")}))
    made = actions.create(wanted, actor=people["admin"])
    assert powers_of(made).permissions == {"maintenance.view_run"}
    kept = entry()
    assert (kept.verb, kept.target_label) == ("role_created", "Night shift")


def test_nobody_makes_a_role_that_may_do_more_than_theirs(people: People) -> None:
    wanted = RoleDetails("boss", "Boss", "", 3, True, frozenset())
    with pytest.raises(Refused, match="do not have yourself"):
        actions.create(wanted, actor=people["lead"])
    assert not Role.objects.filter(key="boss").exists()


@pytest.mark.django_db
def test_every_shipped_role_has_the_permissions_of_its_line() -> None:
    for shipped in defaults.ROLES:
        role = Role.objects.get(key=shipped.key)
        assert powers_of(role).permissions == set(shipped.permissions)
        assert role.grants_everything is shipped.grants_everything


@pytest.mark.django_db
def test_installing_again_brings_nothing_back_that_was_taken_away() -> None:
    viewer = Role.objects.get(key="viewer")
    viewer.permissions.clear()
    viewer.name = "Guest"
    viewer.save()
    defaults.install()
    viewer.refresh_from_db()
    assert viewer.name == "Guest"
    assert not viewer.permissions.exists()


@pytest.mark.django_db
def test_every_permission_that_is_given_words_exists() -> None:
    known = {f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")}
    assert set(WORDS) <= known


def test_every_permission_of_a_shipped_role_has_words() -> None:
    assert {name for shipped in defaults.ROLES for name in shipped.permissions} <= set(WORDS)
