"""Handing tickets up, back down, and out to vendors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.test import Client

from incidents.actions import statuses
from incidents.actions.opening import Draft, open_ticket
from incidents.models import Ticket, Tier
from tests.incidents.made import add_vendor
from tests.incidents.views.reading import ask, do, in_hours, words
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
People = dict[str, Person]


class TestHand:
    def test_it_says_what_is_promised_and_offers_the_criteria_of_the_tier(self, one: Client, ticket: Ticket) -> None:
        html = ask(one, ticket, "escalate")
        assert "Technical support gets 2 h to respond to a high ticket. Its clock starts now." in words(html)
        for criterion in Tier.objects.get(number=1).criteria:
            assert f'<option value="{criterion}">' in html

    def test_up_and_down_with_a_way_to_the_next_ticket(self, one: Client, two: Client, ticket: Ticket) -> None:
        other = open_ticket(Draft("Printer", "y"), actor=None)
        values = {"version": 1, "criterion": "System outages", "reason": "It is **down**"}
        html = one.post(f"/tickets/{ticket.number}/escalate/", values, follow=True).content.decode()
        assert f"{ticket} is escalated to tier 2, nobody has it yet. Next: {other} Printer" in words(html)
        assert f'<a href="/tickets/{other.number}/">Next: {other} Printer</a>' in html
        answer = do(two, ticket, "hand-back", criterion="Password resets", reason="Done")
        assert f"{ticket} is handed back to tier 1, nobody has it yet. Nothing else waits in tier 2." in answer

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"criterion": "", "reason": "Kept"}, "Choose a criterion."),
            ({"criterion": "Bad mood", "reason": "Kept"}, "“Bad mood” is none of the criteria."),
            ({"criterion": "System outages", "reason": " "}, "Say why: whoever gets it begins with this."),
            ({"criterion": "System outages", "reason": "x" * 20_001}, "This has 20,001 characters; 20,000 are kept."),
        ],
    )
    def test_what_is_missing_is_said(self, one: Client, ticket: Ticket, values: dict[str, Any], says: str) -> None:
        text = do(one, ticket, "escalate", 422, **values)
        assert says in text
        assert "Kept" in text or values["reason"] != "Kept"
        assert Ticket.objects.get().tier_id == 1

    def test_there_is_nothing_below_the_first_and_nothing_above_the_last(
        self, one: Client, client_as: SignIn, ticket: Ticket
    ) -> None:
        text = do(one, ticket, "hand-back", 409, criterion="Password resets", reason="x")
        assert "Tier 1 is the first" in text
        Ticket.objects.update(tier=3)
        criterion = Tier.objects.get(number=3).criteria[0]
        text = do(client_as("tier3"), ticket, "escalate", 409, criterion=criterion, reason="x")
        assert "Behind tier 3 there are only vendors" in text


class TestVendor:
    GIVEN: ClassVar[dict[str, Any]] = {
        "criterion": "Vendor escalation needed",
        "vendor": "MailCo",
        "reference": "MC-77",
        "contact": "support@mailco.example",
        "reason": "Their relay refuses us",
    }

    @pytest.fixture
    def three(self, client_as: SignIn, desk: People) -> Client:
        return client_as("tier3")

    @pytest.fixture
    def last(self, desk: People) -> Ticket:
        return open_ticket(Draft("Mail bounces", "y", severity="high", tier=3), actor=desk["tier3"])

    def test_it_stays_in_the_tier_and_lead_and_manager_are_told(
        self, three: Client, last: Ticket, client_as: SignIn
    ) -> None:
        text = do(three, last, "vendor", **self.GIVEN)
        assert f"{last} is with a vendor." in text
        assert "With a vendor" in text
        assert "Vendor MailCo Reference MC-77 support@mailco.example" in text
        for role in ("lead", "manager"):
            client = client_as(role)
            home = words(client.get("/").content.decode())
            assert f"{last} is with MailCo. tier3 escalated it just now" in home
            seen = client.post(f"/tickets/vendors/{last.vendor_escalations.get().pk}/seen/", {"next": "/"}, follow=True)
            assert "is with MailCo" not in words(seen.content.decode())
        assert "is with MailCo" not in words(client_as("tier1").get("/").content.decode())

    def test_it_pauses_if_asked_within_the_cap(self, three: Client, last: Ticket) -> None:
        text = do(three, last, "vendor", 422, **self.GIVEN, until=in_hours(30))
        assert "A high ticket may be paused for 24 h" in text
        assert not last.vendor_escalations.exists()
        assert "Paused (Waiting for MailCo)" in do(three, last, "vendor", **self.GIVEN, until=in_hours(3))

    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("vendor", " ", "Say who: the vendor, or who decides."),
            ("contact", "", "Say whom to ask about it"),
            ("vendor", "x" * 121, "at most 120 characters"),
            ("until", "soon", "Write it like 2026-04-30 14:00, in UTC."),
            ("reason", "", "Say why: whoever gets it begins with this."),
        ],
    )
    def test_what_is_missing_is_said(self, three: Client, last: Ticket, field: str, value: str, says: str) -> None:
        assert says in do(three, last, "vendor", 422, **{**self.GIVEN, field: value})

    def test_other_tiers_have_none(self, one: Client, ticket: Ticket) -> None:
        text = do(one, ticket, "vendor", 409, **{**self.GIVEN, "criterion": "System outages"})
        assert "Only tier 3 escalates to vendors" in text

    def test_one_that_is_finished_is_not_told_any_more(self, client_as: SignIn, last: Ticket, desk: People) -> None:
        add_vendor(last, desk["tier3"])
        statuses.resolve(last.number, actor=desk["tier3"], code="fixed", note="x")
        assert "is with MailCo" not in words(client_as("lead").get("/").content.decode())
