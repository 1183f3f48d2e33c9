"""What becomes of tickets and of being on call when somebody leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from incidents import leaving as incidents_leaving
from incidents.actions import assignment, statuses
from incidents.models import Entry, Ticket, Tier
from tests.incidents.desk import on_call, rule, somebody, ticket
from zbmaint.access import leaving
from zbmaint.access.actions import people as people_actions
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def moyo() -> Person:
    person = somebody("a.moyo", 1)
    on_call(1, person)
    return person


def test_their_open_tickets_can_be_claimed_at_once_and_say_so(moyo: Person, people: dict[str, Person]) -> None:
    begun, waiting, over = (ticket(title=title) for title in ("Begun", "Waiting", "Over"))
    assignment.claim(begun.number, actor=moyo)
    statuses.resolve(over.number, actor=moyo, code="fixed", note="Done.")
    version = Ticket.objects.get(pk=over.pk).version
    people_actions.retire(moyo, actor=people["admin"])
    for one in (begun, waiting):
        one.refresh_from_db()
        assert (one.assignee, one.accepted_at) == (moyo, None)
        last = one.entries.latest("id")
        assert (last.kind, last.text, last.actor) == (
            Entry.Kind.ASSIGNED,
            "found that a.moyo has left: anybody of the tier may claim it",
            None,
        )
        assert last.version == one.version
    assert AuditEntry.objects.filter(verb="ticket_assignee_left").count() == 2
    over.refresh_from_db()
    assert (over.assignee, over.version) == (moyo, version)
    other = somebody("t.ncube", 1)
    assert assignment.claim(begun.number, actor=other).assignee == other


def test_nothing_is_deleted(moyo: Person, people: dict[str, Person]) -> None:
    rule("to a.moyo", "person", person=moyo)
    opened = ticket()
    entries = opened.entries.count()
    people_actions.retire(moyo, actor=people["admin"])
    assert Person.objects.filter(pk=moyo.pk).exists()
    assert opened.entries.count() == entries + 1
    assert ticket(title="Next").assignee is None


def test_they_are_on_call_no_more_and_that_is_recorded(moyo: Person, people: dict[str, Person]) -> None:
    people_actions.retire(moyo, actor=people["admin"])
    assert Tier.objects.get(pk=1).on_call is None
    entry = AuditEntry.objects.get(verb="tier_on_call_left")
    assert (entry.target_kind, entry.target_id) == ("tier", "1")
    assert (entry.before, entry.after) == ({"on_call": "a.moyo"}, {"on_call": None})


def test_who_may_not_be_retired_keeps_everything(moyo: Person) -> None:
    opened = ticket()
    entries = opened.entries.count()
    with pytest.raises(people_actions.Refused):
        people_actions.retire(moyo, actor=moyo)
    assert (opened.entries.count(), Tier.objects.get(pk=1).on_call) == (entries, moyo)


def test_what_goes_wrong_with_the_tickets_undoes_the_retirement(
    moyo: Person, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_person: Person) -> str:
        raise RuntimeError("no")

    monkeypatch.setattr(leaving, "_told", [incidents_leaving.tickets, fails])
    opened = ticket()
    with pytest.raises(RuntimeError):
        people_actions.retire(moyo, actor=people["admin"])
    assert Person.objects.get(pk=moyo.pk).is_active
    assert opened.entries.count() == 2


def test_who_retires_them_is_told_what_that_brought_about(moyo: Person, client_as: Callable[[str], Client]) -> None:
    ticket()
    page = f"/admin/access/person/{moyo.pk}/retire/"
    html = client_as("admin").post(page, follow=True).content.decode()
    assert "An open ticket of theirs can be claimed now. Nobody is on call for tier 1 now." in html


def test_who_retires_several_from_the_list_is_told_of_each(moyo: Person, client_as: Callable[[str], Client]) -> None:
    other = somebody("t.ncube", 2)
    sent = {"action": "retire_people", "_selected_action": [moyo.pk, other.pk]}
    html = client_as("admin").post("/admin/access/person/", sent, follow=True).content.decode()
    assert "About a.moyo: Nobody is on call for tier 1 now." in html
    assert "About t.ncube" not in html
