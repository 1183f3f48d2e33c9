"""People in Django admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.auditing import entries, verbs
from tests.conftest import PASSWORD
from zbmaint.access.models import Person, Role

ClientAs = Callable[[str], Client]
People = dict[str, Person]
LIST = "/admin/access/person/"


def form(role: str = "tier1", **values: Any) -> dict[str, Any]:
    """The form of a person, filled in."""
    filled = {"username": "t.ncube", "name": "Tendai Ncube", "email": "", "time_zone": "UTC", "tier": "1"}
    return filled | {"role": Role.objects.get(key=role).pk if role else ""} | values


def page_of(person: Person, name: str = "change") -> str:
    """The address of a page of the person."""
    return f"{LIST}{person.pk}/{name}/"


def test_a_person_is_added_with_a_password(client_as: ClientAs) -> None:
    answer = client_as("admin").post(f"{LIST}add/", form(new_password=PASSWORD), follow=True)
    assert "was added successfully" in answer.content.decode()
    made = Person.objects.get(username="t.ncube")
    assert made.check_password(PASSWORD)
    assert verbs() == ["person_created"]
    assert entries().get().address == "127.0.0.1"


def test_a_person_is_added_without_a_password(client_as: ClientAs) -> None:
    client = client_as("admin")
    client.post(f"{LIST}add/", form(new_password=""))
    assert not Person.objects.get(username="t.ncube").has_usable_password()
    assert "No password yet" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"new_password": "short"}, "too short"),
        ({"username": "viewer"}, "A person with this username exists already."),
        ({"time_zone": "Mars"}, "is not an IANA time zone"),
        ({"username": "two words"}, "Enter a valid username"),
        ({"role": ""}, "This field is required."),
    ],
)
def test_a_wrong_detail_is_named_and_nothing_is_added(client_as: ClientAs, wrong: dict[str, str], says: str) -> None:
    answer = client_as("admin").post(f"{LIST}add/", form(**({"new_password": PASSWORD} | wrong)))
    assert says in answer.content.decode()
    assert Person.objects.count() == 7
    assert not entries().exists()


def test_a_change_goes_through_the_action(client_as: ClientAs, people: People) -> None:
    answer = client_as("admin").post(page_of(people["viewer"]), form("tier2", username="viewer"), follow=True)
    assert "was changed successfully" in answer.content.decode()
    assert Person.objects.get(username="viewer").role.key == "tier2"
    assert verbs() == ["person_changed"]


def test_a_refusal_stands_over_the_form_with_everything_still_in_it(client_as: ClientAs, people: People) -> None:
    answer = client_as("admin").post(page_of(people["admin"]), form("viewer", username="admin", name="Kept"))
    page = answer.content.decode()
    assert "Nobody would be left who can manage people." in page
    assert 'value="Kept"' in page
    assert Person.objects.get(username="admin").role.key == "admin"


def test_nobody_raises_themselves_through_the_form(client_as: ClientAs, people: People) -> None:
    lead = people["lead"]
    lead.role.permissions.add(*Role.objects.get(key="admin").permissions.filter(codename="change_person"))
    answer = client_as("lead").post(page_of(lead), form("admin", username="lead"))
    assert "You cannot give a role that may do more than yours." in answer.content.decode()
    assert Person.objects.get(username="lead").role.key == "lead"


def test_a_password_is_set_for_somebody(client_as: ClientAs, people: People) -> None:
    new = "quite another sentence"
    sent = {"new_password1": new, "new_password2": new}
    answer = client_as("admin").post(page_of(people["viewer"], "password"), sent, follow=True)
    assert "The password of viewer is set." in answer.content.decode()
    assert Person.objects.get(username="viewer").check_password(new)
    assert verbs() == ["password_changed"]


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [("quite another", "quite different", "are not the same"), ("short", "short", "too short")],
)
def test_a_wrong_password_is_named(client_as: ClientAs, people: People, first: str, second: str, says: str) -> None:
    sent = {"new_password1": first, "new_password2": second}
    answer = client_as("admin").post(page_of(people["viewer"], "password"), sent)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Person.objects.get(username="viewer").check_password(PASSWORD)


def test_a_person_is_retired_and_restored_with_buttons(client_as: ClientAs, people: People) -> None:
    client = client_as("admin")
    page = client.post(page_of(people["viewer"], "retire"), follow=True).content.decode()
    assert "Retired viewer, who cannot sign in any more." in page
    assert ">Restore</button>" in page
    page = client.post(page_of(people["viewer"], "restore"), follow=True).content.decode()
    assert "Restored viewer, who can sign in again." in page
    assert verbs() == ["person_retired", "person_restored"]


def test_following_the_address_of_a_button_does_nothing(client_as: ClientAs, people: People) -> None:
    client_as("admin").get(page_of(people["viewer"], "retire"))
    assert Person.objects.get(username="viewer").is_active


def test_retiring_oneself_is_refused_in_words(client_as: ClientAs, people: People) -> None:
    page = client_as("admin").post(page_of(people["admin"], "retire"), follow=True).content.decode()
    assert "Nothing was changed. You cannot retire yourself." in page
    assert Person.objects.get(username="admin").is_active


def test_several_are_retired_at_once_and_who_was_not_is_named(client_as: ClientAs, people: People) -> None:
    chosen = [people[name].pk for name in ("viewer", "tier1", "admin")]
    answer = client_as("admin").post(LIST, {"action": "retire_people", "_selected_action": chosen}, follow=True)
    page = answer.content.decode()
    assert "Not retired: admin. You cannot retire yourself." in page
    assert "Retired: tier1, viewer" in page
    assert Person.objects.active().count() == 5


def test_several_are_restored_at_once(client_as: ClientAs, people: People) -> None:
    client, chosen = client_as("admin"), [people["viewer"].pk, people["tier1"].pk]
    client.post(LIST, {"action": "retire_people", "_selected_action": chosen})
    client.post(LIST, {"action": "restore_people", "_selected_action": chosen})
    assert Person.objects.active().count() == 7


def test_nothing_deletes_a_person(client_as: ClientAs, people: People) -> None:
    client = client_as("admin")
    assert client.get(page_of(people["viewer"], "delete")).status_code == 403
    assert "delete_selected" not in client.get(LIST).content.decode()
    client.post(LIST, {"action": "delete_selected", "_selected_action": [people["viewer"].pk], "post": "yes"})
    assert Person.objects.count() == 7


@pytest.mark.parametrize(("query", "count"), [("standing=active", 6), ("standing=retired", 1), ("", 7)])
def test_the_list_is_filtered_by_standing(client_as: ClientAs, people: People, query: str, count: int) -> None:
    client = client_as("admin")
    client.post(page_of(people["viewer"], "retire"))
    assert client.get(f"{LIST}?{query}").content.decode().count('class="action-select"') == count


@pytest.mark.parametrize(
    "path",
    [
        "access/person/?password__startswith=md5",
        "access/role/?people__password__startswith=md5",
        "audit/auditentry/?actor__password__startswith=md5",
    ],
)
def test_no_filter_spells_a_password_out(client_as: ClientAs, path: str) -> None:
    answer = client_as("lead").get(f"/admin/{path}")
    assert answer.status_code in (302, 400)
    assert "e=1" in answer.get("Location", "e=1")


@pytest.mark.parametrize("name", ["password", "retire", "restore"])
def test_pages_of_nobody_are_not_found(client_as: ClientAs, name: str) -> None:
    assert client_as("admin").post(f"{LIST}999999/{name}/").status_code == 404


@pytest.mark.parametrize("name", ["password", "retire", "restore"])
def test_somebody_who_only_sees_people_changes_none(client_as: ClientAs, people: People, name: str) -> None:
    answer = client_as("lead").post(page_of(people["viewer"], name))
    assert answer.status_code == 403
    assert "change and retire people" in answer.content.decode()
    assert not entries().exists()
