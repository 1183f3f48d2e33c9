"""What an audit entry keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.audit.record import kind_of, record

People = dict[str, Person]


def test_it_keeps_names_as_they_were(people: People) -> None:
    entry = record("person_changed", people["viewer"], people["admin"], before={"name": "A"}, after={"name": "B"})
    Person.objects.filter(username="admin").update(username="boss")
    Person.objects.filter(username="viewer").update(username="guest")
    entry.refresh_from_db()
    assert (entry.actor_name, entry.target_label) == ("admin", "viewer")
    assert (entry.target_kind, entry.target_id) == ("person", str(people["viewer"].pk))
    assert (entry.before, entry.after) == ({"name": "A"}, {"name": "B"})


def test_what_the_product_does_itself_has_no_actor_and_no_address(people: People) -> None:
    entry = record("person_changed", people["viewer"], None)
    assert (entry.actor, entry.actor_name, entry.address) == (None, "zbmaint", None)


def test_no_two_of_our_models_are_of_one_kind() -> None:
    ours = [
        model for model in apps.get_models() if model.__module__.startswith(("zbmaint.", "incidents.", "maintenance."))
    ]
    kinds = Counter(map(kind_of, ours))
    assert [kind for kind, number in kinds.items() if number > 1] == []
    assert {"ticket", "schedule", "incidents.category", "maintenance.category"} <= kinds.keys()


@pytest.mark.parametrize("key", ["password", "new_password", "client_secret", "api_token", "Token"])
def test_a_value_whose_key_names_a_secret_is_not_kept(people: People, key: str) -> None:
    entry = record("person_changed", people["viewer"], None, before={key: "hunter2"}, after={key: "hunter3"})
    assert entry.before == entry.after == {key: "(not recorded)"}


def test_it_goes_with_the_transaction_of_what_it_records(people: People) -> None:
    before = AuditEntry.objects.count()
    with transaction.atomic():
        record("person_changed", people["viewer"], None)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == before


def test_the_address_is_of_the_connection_and_no_header_is_believed(client_as: Callable[[str], Client]) -> None:
    client = client_as("viewer")
    client.post(
        "/profile/preferences/", {"theme": "dark"}, REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": "10.0.0.1"}
    )
    assert AuditEntry.objects.latest("id").address == "192.0.2.7"


def test_an_ipv6_address_is_kept(client_as: Callable[[str], Client]) -> None:
    client_as("viewer").post("/profile/preferences/", {"theme": "dark"}, REMOTE_ADDR="2001:db8::7")
    assert AuditEntry.objects.latest("id").address == "2001:db8::7"


def test_the_address_ends_with_the_request(client_as: Callable[[str], Client], people: People) -> None:
    client_as("viewer").post("/profile/preferences/", {"theme": "dark"}, REMOTE_ADDR="192.0.2.7")
    assert record("person_changed", people["viewer"], None).address is None
