"""Roles in Django admin."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

from tests.auditing import entry, verbs
from zbmaint.access.models import Person, Role
from zbmaint.access.permissions import WORDS
from zbmaint.access.powers import powers_of

ClientAs = Callable[[str], Client]
LIST = "/admin/access/role/"


def form(role: Role, *names: str, **values: Any) -> dict[str, Any]:
    """The form of a role with the permissions called `app.codename`."""
    filled: dict[str, Any] = {"name": role.name, "description": role.description, "rank": role.rank}
    rows = [
        Permission.objects.get(content_type__app_label=name.partition(".")[0], codename=name.partition(".")[2])
        for name in names
    ]
    return filled | {"permissions": [row.pk for row in rows]} | values


def test_it_offers_exactly_the_permissions_that_mean_something(client_as: ClientAs) -> None:
    role = Role.objects.get(key="viewer")
    page = client_as("admin").get(f"{LIST}{role.pk}/change/").content.decode()
    assert page.count('name="permissions"') == len(WORDS)
    assert "Can delete" not in page
    assert re.search(r"Start runs\s*</label>", page)


def test_permissions_are_changed_and_recorded(client_as: ClientAs) -> None:
    role = Role.objects.get(key="viewer")
    sent = form(role, "maintenance.view_run", "maintenance.start_run")
    page = client_as("admin").post(f"{LIST}{role.pk}/change/", sent, follow=True).content.decode()
    assert "was changed successfully" in page
    assert powers_of(role).permissions == {"maintenance.view_run", "maintenance.start_run"}
    assert verbs() == ["role_changed"]


def test_a_permission_that_is_not_offered_stays(client_as: ClientAs) -> None:
    role = Role.objects.get(key="viewer")
    other = Permission.objects.get(content_type__app_label="sessions", codename="view_session")
    role.permissions.add(other)
    client_as("admin").post(f"{LIST}{role.pk}/change/", form(role, "maintenance.view_run"))
    assert powers_of(role).permissions == {"maintenance.view_run", "sessions.view_session"}


def test_the_last_way_to_manage_people_stays(client_as: ClientAs) -> None:
    role = Role.objects.get(key="admin")
    page = client_as("admin").post(f"{LIST}{role.pk}/change/", form(role, name="Chief")).content.decode()
    assert "Nobody would be left who can manage people." in page
    assert 'value="Chief"' in page
    assert Role.objects.get(key="admin").grants_everything


def test_a_role_is_added(client_as: ClientAs) -> None:
    sent = form(Role(name="Night shift", rank=3), "maintenance.view_run", key="night")
    client_as("admin").post(f"{LIST}add/", sent)
    assert powers_of(Role.objects.get(key="night")).permissions == {"maintenance.view_run"}
    assert entry().verb == "role_created"


def test_the_key_stays(client_as: ClientAs) -> None:
    role = Role.objects.get(key="viewer")
    client_as("admin").post(f"{LIST}{role.pk}/change/", form(role, "maintenance.view_run", key="guest"))
    assert Role.objects.get(pk=role.pk).key == "viewer"


def test_somebody_who_only_sees_roles_reads_them(client_as: ClientAs) -> None:
    role = Role.objects.get(key="viewer")
    client = client_as("lead")
    page = client.get(f"{LIST}{role.pk}/change/").content.decode()
    assert 'name="permissions"' not in page
    assert "Reads everything that is not configuration" in page
    assert client.post(f"{LIST}{role.pk}/change/", form(role)).status_code == 403


def test_the_list_counts_people_who_can_sign_in(client_as: ClientAs, people: dict[str, Person]) -> None:
    page = client_as("admin").get(LIST).content.decode()
    assert page.count('<td class="field-holders">1</td>') == 7


def test_a_role_is_never_deleted(client_as: ClientAs) -> None:
    role = Role.objects.get(key="viewer")
    assert client_as("admin").get(f"{LIST}{role.pk}/delete/").status_code == 403
