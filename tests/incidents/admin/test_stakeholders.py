"""Who is told of tickets, in Django admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from incidents.models import NoticeMinimum, Stakeholder
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
ClientAs = Callable[[str], Client]
STAKEHOLDERS, MINIMUMS = "/admin/incidents/stakeholder/", "/admin/incidents/noticeminimum/"


def details(**changes: Any) -> dict[str, Any]:
    given = {"name": "Operations", "channel": "email", "address": "operations@example.org", "active": "on"}
    return given | {"severities": ["critical", "high"], "tiers": ["1"]} | changes


def test_a_lead_lets_a_group_be_told_and_changes_that(client_as: ClientAs, people: dict[str, Person]) -> None:
    client = client_as("lead")
    assert client.post(f"{STAKEHOLDERS}add/", details()).status_code == 302
    group = Stakeholder.objects.get()
    assert (group.severities, group.tiers) == (["critical", "high"], [1])
    assert [group.is_told_of(*of) for of in (("high", 1), ("low", 1), ("high", 2))] == [True, False, False]
    client.post(f"{STAKEHOLDERS}{group.pk}/change/", details(severities=[], tiers=[], active=""))
    group.refresh_from_db()
    assert (group.severities, group.tiers, group.active, group.is_told_of("low", 3)) == ([], [], False, True)
    verbs = AuditEntry.objects.filter(target_kind="stakeholder").order_by("id").values_list("verb", "actor__username")
    assert list(verbs) == [("stakeholder_created", "lead"), ("stakeholder_changed", "lead")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"address": "operations"}, "Write the address like operations@example.org."),
        ({"channel": "chat", "address": "https://hooks.example.org/hunter2"}, "Write the name of the variable"),
        ({"name": ""}, "This field is required."),
        ({"tiers": ["9"]}, "9 is not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client_as: ClientAs, changes: dict[str, Any], says: str) -> None:
    page = client_as("lead").post(f"{STAKEHOLDERS}add/", details(**changes)).content.decode()
    assert says in page
    assert not Stakeholder.objects.exists()


def test_a_chat_is_named_by_its_variable(client_as: ClientAs) -> None:
    client_as("lead").post(f"{STAKEHOLDERS}add/", details(channel="chat", address="CHAT_OPERATIONS"))
    assert Stakeholder.objects.get().address == "CHAT_OPERATIONS"


def test_a_lead_sets_what_nobody_can_wish_away(client_as: ClientAs) -> None:
    client = client_as("lead")
    client.post(f"{MINIMUMS}add/", {"event": "breached", "channels": ["email", "chat"], "least": "high"})
    minimum = NoticeMinimum.objects.get(event="breached")
    assert (minimum.channels, minimum.least) == (["email", "chat"], "high")
    client.post(f"{MINIMUMS}{minimum.pk}/change/", {"event": "breached", "channels": ["email"], "least": "low"})
    minimum.refresh_from_db()
    assert minimum.said == "by e-mail, always"
    assert AuditEntry.objects.filter(verb="notice_minimum_changed").exists()


def test_a_new_critical_ticket_is_always_told_as_shipped() -> None:
    minimum = NoticeMinimum.objects.get()
    assert (minimum.event, minimum.channels, minimum.least) == ("opened", ["email"], "critical")
