"""What people do to a ticket: asked in a dialog, done, refused in words, and said when somebody else was faster."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from incidents.actions import assignment, handing, pausing
from incidents.actions.opening import Draft, open_ticket
from incidents.models import Link, Responder, Ticket
from tests.incidents.views.reading import HTMX, ask, do, in_hours, read, source, words
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
People = dict[str, Person]
NOT_CHANGED = "Nothing was changed."


DEEDS = ("assign", "escalate", "resolve", "pause", "link")


@pytest.mark.parametrize("deed", DEEDS)
def test_it_is_asked_on_a_page_and_in_a_dialog(one: Client, ticket: Ticket, deed: str) -> None:
    whole, dialog = ask(one, ticket, deed), ask(one, ticket, deed, headers=HTMX)
    assert "<html" in whole
    assert f'<a href="/tickets/{ticket.number}/">{ticket}</a>' in whole
    assert "<html" not in dialog
    assert 'name="version" value="1"' in dialog


@pytest.mark.parametrize(("query", "version"), [("?seen=1", 1), ("?seen=9", 2), ("?seen=x", 2), ("?seen=0", 2)])
def test_it_carries_the_version_of_the_page_that_it_was_opened_from(
    one: Client, ticket: Ticket, desk: People, query: str, version: int
) -> None:
    assignment.claim(ticket.number, actor=desk["tier1"])
    assert f'name="version" value="{version}"' in ask(one, ticket, "resolve", query)


@pytest.mark.parametrize("deed", ["resolve", "close", "assign", "escalate", "edit"])
@pytest.mark.parametrize("version", ["", "x", "0", "-1", "99999999999999"])
def test_a_form_without_a_version_does_nothing(one: Client, ticket: Ticket, deed: str, version: str) -> None:
    text = do(one, ticket, deed, 422, version=version, code="fixed", note="x", assignee="tier1", title="x")
    assert "This form has been changed on its way." in text
    assert Ticket.objects.get().version == 1


class TestClaim:
    def test_it_is_theirs_at_once(self, one: Client, ticket: Ticket, desk: People) -> None:
        assert f"{ticket} is yours, and in progress." in do(one, ticket, "claim")
        ticket.refresh_from_db()
        assert (ticket.assignee, ticket.status) == (desk["tier1"], "in_progress")

    def test_who_comes_second_is_told_who_has_it(self, one: Client, ticket: Ticket, desk: People) -> None:
        desk["viewer"].role, desk["viewer"].tier = desk["tier1"].role, 1
        desk["viewer"].save()
        assignment.claim(ticket.number, actor=desk["viewer"])
        assert f"{ticket}: viewer has it already." in do(one, ticket, "claim", version=1)

    def test_another_tier_cannot(self, two: Client, ticket: Ticket) -> None:
        assert "only its own tier can claim it" in do(two, ticket, "claim")

    def test_a_ticket_that_has_moved_on_is_said(self, client_as: SignIn, ticket: Ticket, desk: People) -> None:
        handing.escalate(ticket.number, actor=desk["tier1"], criterion="System outages", reason="x")
        text = do(client_as("lead"), ticket, "claim", version=1)
        assert "nothing was changed. Tier: was 1, is 2 now, by tier1 just now." in text

    @pytest.mark.parametrize("next_page", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:x", "x"])
    def test_it_never_leads_elsewhere(self, one: Client, ticket: Ticket, next_page: str) -> None:
        answer = one.post(f"/tickets/{ticket.number}/claim/", {"next": next_page})
        assert answer["Location"] == f"/tickets/{ticket.number}/"

    def test_it_leads_back_to_where_one_was(self, one: Client, ticket: Ticket) -> None:
        answer = one.post(f"/tickets/{ticket.number}/claim/", {"next": "/runs/?state=failed"})
        assert answer["Location"] == "/runs/?state=failed"


class TestAssign:
    def test_it_offers_who_may_with_what_they_have(self, one: Client, ticket: Ticket, desk: People) -> None:
        Responder.objects.create(person=desk["lead"], away_until=timezone.now() + dt.timedelta(days=1))
        assignment.assign(ticket.number, desk["tier1"], actor=desk["lead"])
        offered = dict(re.findall(r'<option value="(\w*)"[^>]*>([^<]*)', ask(one, ticket, "assign")))
        assert set(offered) == {"", "tier1", "lead", "admin"}
        assert offered["tier1"] == "tier1 (1 open)"
        assert offered["lead"].startswith("lead (0 open, away until ")

    def test_it_is_given_and_taken(self, one: Client, ticket: Ticket) -> None:
        assert f"{ticket} is assigned to lead." in do(one, ticket, "assign", assignee="lead")
        assert f"{ticket} is assigned to nobody." in do(one, ticket, "assign", assignee="")

    @pytest.mark.parametrize(
        ("assignee", "says"),
        [
            ("nonsense", "There is nobody called “nonsense”."),
            ("viewer", "viewer may not work on tickets"),
            ("tier2", "tier2 is in tier 2, and this ticket is in tier 1."),
            ("manager", "manager may not work on tickets"),
            ("", "It is nobody’s already."),
        ],
    )
    def test_who_cannot_have_it_is_refused_in_words(
        self, one: Client, ticket: Ticket, assignee: str, says: str
    ) -> None:
        assert says in do(one, ticket, "assign", 422, assignee=assignee)

    def test_who_has_left_is_refused(self, one: Client, ticket: Ticket, desk: People) -> None:
        Person.objects.filter(username="lead").update(retired_at=timezone.now())
        assert "lead has left." in do(one, ticket, "assign", 422, assignee="lead")

    def test_who_was_slower_is_told_and_can_do_it_knowingly(self, one: Client, ticket: Ticket, desk: People) -> None:
        assignment.claim(ticket.number, actor=desk["tier1"])
        answer = one.post(f"/tickets/{ticket.number}/assign/", {"version": 1, "assignee": "lead"})
        html = answer.content.decode()
        assert answer.status_code == 409
        text = words(html)
        assert "Assignee: was nothing, is tier1 now, by tier1 just now" in text
        assert "Status: was open, is in progress now" in text
        assert "Assign anyway" in text
        assert '<option value="lead" selected' in html
        assert 'name="version" value="2"' in html
        assert "is assigned to lead." in do(one, ticket, "assign", assignee="lead")


class TestPause:
    def test_it_stands_still_and_goes_on(self, one: Client, ticket: Ticket) -> None:
        assert "is paused until" in do(one, ticket, "pause", until=in_hours(2), reason="The release")
        assert f"{ticket} goes on." in do(one, ticket, "resume")
        assert f"{ticket}: It is not paused: its clock runs." in do(one, ticket, "resume")

    @pytest.mark.parametrize(
        ("until", "reason", "says"),
        [
            (in_hours(25), "x", "A high ticket may be paused for 24 h in one stay in a tier."),
            (in_hours(-1), "x", "That has passed already."),
            ("", "x", "Say until when."),
            ("tomorrow", "x", "Write it like 2026-04-30 14:00, in UTC."),
            (in_hours(1), " ", "Say what it waits for."),
            (in_hours(1), "x" * 301, "at most 300 characters"),
        ],
    )
    def test_what_cannot_be_is_said(self, one: Client, ticket: Ticket, until: str, reason: str, says: str) -> None:
        assert says in do(one, ticket, "pause", 422, until=until, reason=reason)
        assert Ticket.objects.get().paused_until is None

    def test_one_that_is_paused_is_not_paused_again(self, one: Client, ticket: Ticket, desk: People) -> None:
        pausing.pause(ticket.number, actor=desk["lead"], until=timezone.now() + dt.timedelta(hours=1), reason="x")
        text = do(one, ticket, "pause", 409, until=in_hours(2), reason="Kept")
        assert NOT_CHANGED in text
        assert "It is paused already" in text


def test_what_was_changed_and_put_back_is_as_they_saw_it(one: Client, ticket: Ticket, desk: People) -> None:
    handing.escalate(ticket.number, actor=desk["tier1"], criterion="System outages", reason="x")
    handing.hand_back(ticket.number, actor=desk["tier2"], criterion="Password resets", reason="x")
    assert f"{ticket} is resolved." in do(one, ticket, "resolve", version=1, code="fixed", note="x")


class TestEnd:
    def test_resolved_closed_and_reopened(self, one: Client, ticket: Ticket) -> None:
        other = open_ticket(Draft("Printer", "y"), actor=None)
        text = do(one, ticket, "resolve", code="fixed", note="Turned it **off**")
        assert f"{ticket} is resolved. Next: {other} Printer" in text
        assert f"{ticket} is closed." in do(one, ticket, "close")
        assert f"{ticket} is open again in tier 1." in do(one, ticket, "reopen", reason="It is back")

    @pytest.mark.parametrize(
        ("code", "note", "says"),
        [
            ("", "Kept", "Choose how it ended."),
            ("magic", "Kept", "“magic” is no way to end."),
            ("fixed", " ", "Say what fixed it: whoever has this next will look here."),
            ("fixed", "x" * 20_001, "This has 20,001 characters"),
        ],
    )
    def test_what_is_missing_is_said_and_the_text_is_kept(
        self, one: Client, ticket: Ticket, code: str, note: str, says: str
    ) -> None:
        answer = one.post(f"/tickets/{ticket.number}/resolve/", {"version": 1, "code": code, "note": note})
        assert answer.status_code == 422
        assert says in words(answer.content.decode())
        assert note.strip() in answer.content.decode()

    def test_a_way_that_the_table_lacks_is_refused_with_those_that_it_has(self, one: Client, ticket: Ticket) -> None:
        assert "it cannot close now. What can be done: start or resolve." in do(one, ticket, "close", 409)
        assert "it cannot reopen now" in do(one, ticket, "reopen", 409, reason="x")
        do(one, ticket, "resolve", code="fixed", note="x")
        assert "it cannot resolve now. What can be done: close or reopen." in do(
            one, ticket, "resolve", 409, code="fixed", note="Kept"
        )

    def test_who_was_slower_keeps_the_text_and_can_do_it_knowingly(
        self, one: Client, ticket: Ticket, desk: People
    ) -> None:
        assignment.assign(ticket.number, desk["lead"], actor=desk["lead"])
        answer = one.post(f"/tickets/{ticket.number}/resolve/", {"version": 1, "code": "fixed", "note": "My words"})
        text = words(answer.content.decode())
        assert answer.status_code == 409
        assert "Assignee: was nothing, is lead now, by lead just now" in text
        assert "My words" in text
        assert "Resolve anyway" in text
        assert "is resolved." in do(one, ticket, "resolve", code="fixed", note="My words")

    def test_a_reason_is_needed_to_reopen(self, one: Client, ticket: Ticket) -> None:
        do(one, ticket, "resolve", code="fixed", note="x")
        assert "Say why it is taken up again." in do(one, ticket, "reopen", 422, reason=" ")


class TestLink:
    def test_two_tickets_are_linked_both_ways(self, one: Client, ticket: Ticket) -> None:
        other = open_ticket(Draft("Printer", "y"), actor=None)
        assert f"{ticket} is linked." in do(one, ticket, "link", target=f"inc-{other.number}")
        assert f"Linked Link {other} Printer Ticket" in read(one, ticket)
        assert f"{ticket} Mail is late Ticket" in read(one, other)
        assert f"tier1 linked it to {ticket} Mail is late" in read(one, other)
        text = do(one, other, "link", 422, target=str(ticket.number))
        assert f"It is linked to {ticket} already." in text
        assert Link.objects.count() == 2

    def test_it_is_a_response_of_the_tier(self, one: Client, ticket: Ticket) -> None:
        do(one, ticket, "link", target="https://status.example.org/7")
        assert "linked it to https://status.example.org/7; Tier 1 response met in 0 s" in read(one, ticket)

    def test_an_address_is_shown_under_its_name(self, one: Client, ticket: Ticket) -> None:
        do(one, ticket, "link", target="https://status.example.org/7", label="Status page")
        html = source(one, ticket)
        assert '<a href="https://status.example.org/7" rel="noopener nofollow">Status page</a>' in html
        text = do(one, ticket, "link", 422, target="https://status.example.org/7")
        assert "It is linked to this address already." in text

    @pytest.mark.parametrize(
        "target",
        [
            *("javascript:alert(1)", "data:text/html,x", "//x.example", "ftp://x.example", "https://", "https://["),
            *("https://x.example/a b", "https:\\\\x.example", "INC-0x1", "run 7"),
        ],
    )
    def test_what_is_no_address_is_refused(self, one: Client, ticket: Ticket, target: str) -> None:
        answer = one.post(f"/tickets/{ticket.number}/link/", {"version": 1, "target": target})
        assert answer.status_code == 422
        assert "Enter a number such as INC-1193, or an address" in words(answer.content.decode())
        assert not Link.objects.exists()

    def test_what_does_not_exist_is_refused(self, one: Client, ticket: Ticket) -> None:
        assert "There is no ticket INC-999999." in do(one, ticket, "link", 422, target="999999")
        assert "There is no ticket" in do(one, ticket, "link", 422, target="9" * 18)
        assert "This is the ticket itself." in do(one, ticket, "link", 422, target=str(ticket))
        assert "Say what to link" in do(one, ticket, "link", 422, target="")
