"""What people see who may not: which permission is missing, and which roles have it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from zbmaint.access.models import Person

ClientAs = Callable[[str], Client]


def test_the_page_says_which_roles_may(client_as: ClientAs) -> None:
    answer = client_as("viewer").get("/runs/new/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "It is for people who may start runs." in page
    assert "<strong>Tier 2, Tier 3, Lead, Admin</strong>" in page
    assert "Your role is Viewer." in page


def test_htmx_gets_a_toast_instead_of_a_page(client_as: ClientAs) -> None:
    answer = client_as("viewer").get("/runs/new/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert '<div class="toast" data-tone="danger">' in page
    assert "You may not start runs." in page
    assert "<html" not in page


def test_who_asks_for_data_gets_a_problem_that_says_the_same(client_as: ClientAs) -> None:
    answer = client_as("viewer").get("/runs/new/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["detail"] == (
        "It is for people who may start runs. Roles that may: Tier 2, Tier 3, Lead, Admin."
    )


def test_django_admin_says_which_roles_may_enter(client_as: ClientAs) -> None:
    answer = client_as("tier1").get("/admin/")
    assert answer.status_code == 403
    assert "use Django admin" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("access/person/add/", "add people"),
        ("access/role/add/", "add roles"),
        ("maintenance/target/", "see targets"),
        ("maintenance/target/add/", "add targets"),
    ],
)
def test_a_page_of_django_admin_names_the_permission(client_as: ClientAs, path: str, words: str) -> None:
    client = client_as("manager")
    Person.objects.get(username="manager").role.permissions.remove(
        *Person.objects.get(username="manager").role.permissions.filter(codename="view_target")
    )
    answer = client.get(f"/admin/{path}")
    assert answer.status_code == 403
    assert f"It is for people who may {words}." in answer.content.decode()


def test_what_nobody_may_do_is_called_that(client_as: ClientAs, people: dict[str, Person]) -> None:
    answer = client_as("admin").get(f"/admin/access/person/{people['viewer'].pk}/delete/")
    assert answer.status_code == 403
    assert "Nobody may do this here, whatever their role." in answer.content.decode()
