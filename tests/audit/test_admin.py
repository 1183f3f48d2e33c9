"""The audit log in Django admin: to be read, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.audit.record import record

ClientAs = Callable[[str], Client]
LIST = "/admin/audit/auditentry/"


@pytest.fixture
def entry(people: dict[str, Person]) -> AuditEntry:
    """An entry with a change of every sort of value."""
    before = {"name": "", "tier": 1, "single_keys": True, "permissions": ["a.b"]}
    after = {"name": "<b>Vi</b>", "tier": None, "single_keys": False, "permissions": ["a.b", "c.d"], "extra": {"x": 1}}
    return record("person_changed", people["viewer"], people["admin"], before=before, after=after)


def test_it_lists_who_did_what_to_what(client_as: ClientAs, entry: AuditEntry) -> None:
    page = client_as("lead").get(LIST).content.decode()
    assert "Person changed" in page
    assert ">viewer<" in page
    assert ">admin<" in page


def test_it_shows_before_and_after_in_words(client_as: ClientAs, entry: AuditEntry) -> None:
    page = client_as("lead").get(f"{LIST}{entry.pk}/change/").content.decode()
    assert "<th scope='row'>Single keys</th><td>Yes</td><td>No</td>" in page
    assert "<th scope='row'>Tier</th><td>1</td><td>–</td>" in page
    assert "<th scope='row'>Permissions</th><td>a.b</td><td>a.b\nc.d</td>" in page
    assert "<td>–</td><td>{&quot;x&quot;: 1}</td>" in page
    assert "&lt;b&gt;Vi&lt;/b&gt;" in page
    assert "<b>Vi" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("verb=person_changed", True),
        ("verb=signed_in", False),
        ("target_kind=person", True),
        ("actor_name=admin", True),
        ("actor_name=nobody", False),
        ("q=viewer", True),
        ("q=zzz", False),
    ],
)
def test_it_can_be_searched_and_filtered(client_as: ClientAs, entry: AuditEntry, query: str, found: bool) -> None:
    page = client_as("lead").get(f"{LIST}?{query}").content.decode()
    assert (f"{LIST}{entry.pk}/change/" in page) is found


@pytest.mark.parametrize("role", ["lead", "manager", "admin"])
def test_not_even_a_role_that_grants_everything_writes_it(client_as: ClientAs, entry: AuditEntry, role: str) -> None:
    client = client_as(role)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}add/", {"verb": "x"}).status_code == 403
    assert client.post(f"{LIST}{entry.pk}/change/", {"verb": "x"}).status_code == 403
    assert client.get(f"{LIST}{entry.pk}/delete/").status_code == 403
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEntry.objects.get(pk=entry.pk).verb == "person_changed"


def test_there_is_no_action_that_deletes(client_as: ClientAs, entry: AuditEntry) -> None:
    client = client_as("admin")
    assert "delete_selected" not in client.get(LIST).content.decode()
    client.post(LIST, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert AuditEntry.objects.filter(pk=entry.pk).exists()


def test_the_history_of_an_object_is_its_part_of_the_log(client_as: ClientAs, entry: AuditEntry) -> None:
    answer = client_as("admin").get(f"/admin/access/person/{entry.target_id}/history/")
    assert answer["Location"] == f"{LIST}?target_kind=person&target_id={entry.target_id}"
    page = client_as("admin").get(answer["Location"]).content.decode()
    assert f"{LIST}{entry.pk}/change/" in page
