"""Many tickets of a list at once: what is asked, what is done, what is not and why."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from incidents.actions import editing, statuses
from incidents.models import Ticket
from tests.incidents.queueing import queued
from tests.incidents.views.conftest import SignIn
from tests.incidents.views.reading import HTMX, words
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
People = dict[str, Person]


def chosen(*tickets: Ticket) -> list[str]:
    """As the boxes of the list say them."""
    return [f"{ticket.number}v{ticket.version}" for ticket in tickets]


def send(client: Client, deed: str, tickets: list[str], status: int = 200, **given: str) -> str:
    """What one reads after a deed."""
    data = {"ticket": tickets, "next": "/queue/1/?severity=medium", **given}
    answer = client.post(f"/tickets/bulk/{deed}/", data, follow=True)
    text = words(answer.content.decode())
    assert answer.status_code == status, text
    return text


@pytest.fixture
def three(desk: People) -> list[Ticket]:
    """Three medium ones in tier 1."""
    return [queued(f"Number {number}") for number in "123"]


class TestTheList:
    def test_a_row_can_be_chosen_in_the_version_that_is_read(self, one: Client, three: list[Ticket]) -> None:
        page = one.get("/queue/1/").content.decode()
        assert re.findall(r'name="ticket" value="(\w+)"', page) == chosen(*three)
        assert page.count('formaction="/tickets/bulk/') == 6

    def test_not_by_whoever_only_reads(self, client_as: SignIn, three: list[Ticket]) -> None:
        page = client_as("viewer").get("/queue/1/").content.decode()
        assert "Number 1" in page
        assert "checkbox" not in page.partition('id="tickets"')[2].partition("</section>")[0]
        assert "/tickets/bulk/" not in page

    def test_a_row_that_reads_anew_can_be_chosen_too(self, one: Client, three: list[Ticket]) -> None:
        state = re.search(r'name="state" value="([^"]+)"', one.get("/queue/1/").content.decode())
        assert state is not None
        editing.set_severity(three[0].number, "high", actor=Person.objects.get(username="tier2"))
        answer = one.get("/queue/1/changes/", {"state": state[1]})
        three[0].refresh_from_db()
        assert f'value="{chosen(three[0])[0]}"' in answer.content.decode()


class TestAll:
    def test_acknowledged_at_once_and_back_to_the_same_list(
        self, one: Client, three: list[Ticket], desk: People
    ) -> None:
        text = send(one, "acknowledge", chosen(*three))
        assert "3 tickets acknowledged." in text
        assert "Severity: Medium" in text or "Tier 1 queue" in text
        assert set(Ticket.objects.values_list("assignee__username", "status")) == {("tier1", "in_progress")}

    def test_assigned(self, one: Client, three: list[Ticket]) -> None:
        assert "3 tickets assigned." in send(one, "assign", chosen(*three), assignee="tier1")
        assert set(Ticket.objects.values_list("assignee__username", flat=True)) == {"tier1"}

    def test_escalated(self, one: Client, three: list[Ticket]) -> None:
        criterion = three[0].tier.criteria[0]
        assert "3 tickets escalated." in send(one, "escalate", chosen(*three), criterion=criterion, reason="All one")
        assert set(Ticket.objects.values_list("tier", flat=True)) == {2}

    def test_resolved(self, one: Client, three: list[Ticket]) -> None:
        assert "3 tickets resolved." in send(one, "resolve", chosen(*three), code="fixed", note="One cable")
        assert set(Ticket.objects.values_list("status", "resolution_note")) == {("resolved", "One cable")}

    def test_severity_and_tags(self, one: Client, three: list[Ticket]) -> None:
        assert "2 tickets given that severity." in send(one, "severity", chosen(*three[:2]), severity="high")
        assert "3 tickets tagged." in send(one, "tag", chosen(*three), tags="mail, Night shift")
        assert sorted(Ticket.objects.values_list("severity", flat=True)) == ["high", "high", "medium"]
        assert {tuple(tags) for tags in Ticket.objects.values_list("tags", flat=True)} == {("mail", "night-shift")}

    def test_one_alone_is_called_by_its_number(self, one: Client, three: list[Ticket]) -> None:
        assert f"INC-{three[1].number} acknowledged." in send(one, "acknowledge", chosen(three[1]))


class TestNotAll:
    def test_what_is_not_done_is_listed_with_the_reason(self, one: Client, three: list[Ticket], desk: People) -> None:
        statuses.resolve(three[0].number, actor=desk["tier1"], code="fixed", note="x")
        other = queued("Of tier 2", tier=2)
        gone = "999999v1"
        text = send(one, "acknowledge", [*chosen(three[0], three[1], other), gone])
        assert "3 of 4 tickets could not be acknowledged" in text
        assert "1 was acknowledged. Nothing was changed on these:" in text
        assert f"INC-{three[0].number} Number 1" in text
        assert "There is no such ticket any more. 1 INC-999999" in text
        assert "is in tier 2" in text
        assert Ticket.objects.get(pk=three[1].pk).assignee == desk["tier1"]
        assert Ticket.objects.get(pk=other.pk).assignee is None

    def test_none_is_a_conflict(self, one: Client, three: list[Ticket], desk: People) -> None:
        for ticket in three[:2]:
            statuses.resolve(ticket.number, actor=desk["tier1"], code="fixed", note="x")
        text = send(one, "severity", chosen(*three[:2]), 409, severity="high")
        assert "2 of 2 tickets could not be given that severity" in text

    def test_a_single_one_is_told_on_the_list(self, one: Client, three: list[Ticket], desk: People) -> None:
        statuses.resolve(three[0].number, actor=desk["tier1"], code="fixed", note="x")
        text = send(one, "acknowledge", chosen(three[0]))
        assert "Tier 1 queue" in text
        assert f"INC-{three[0].number}: " in text

    def test_what_has_changed_since_it_was_seen_is_not_overruled(
        self, one: Client, three: list[Ticket], desk: People
    ) -> None:
        seen = chosen(*three)
        send(one, "assign", seen, assignee="tier1")
        text = send(one, "assign", seen, 409, assignee="admin")  # sent a second time, or from another window
        assert "It has changed since you saw it (assignee): look at it again." in text
        assert set(Ticket.objects.values_list("assignee__username", flat=True)) == {"tier1"}

    def test_a_criterion_of_another_tier_fits_only_its_tickets(
        self, client_as: SignIn, three: list[Ticket], desk: People
    ) -> None:
        higher = queued("Of tier 2", tier=2)
        assert three[0].tier.criteria[0] not in higher.tier.criteria
        lead = client_as("lead")
        text = send(lead, "escalate", chosen(three[0], higher), criterion=three[0].tier.criteria[0], reason="No access")
        assert "1 of 2 tickets could not be escalated" in text
        assert f"INC-{higher.number}" in text


class TestAsking:
    @pytest.mark.parametrize("deed", ["acknowledge", "assign", "escalate", "resolve", "severity", "tag"])
    def test_a_question_names_the_tickets_and_keeps_them(self, one: Client, three: list[Ticket], deed: str) -> None:
        given = {"ticket": chosen(*three), "next": "/queue/1/"}
        dialog = one.get(f"/tickets/bulk/{deed}/", given, headers=HTMX).content.decode()
        assert "<html" not in dialog
        assert re.findall(r'name="ticket" value="(\w+)"', dialog) == chosen(*three)
        text = words(one.get(f"/tickets/bulk/{deed}/", given).content.decode())
        assert " 3 tickets" in text
        assert f"INC-{three[0].number}, INC-{three[1].number}, INC-{three[2].number}." in text

    def test_only_whom_the_tiers_allow_is_offered(self, one: Client, three: list[Ticket]) -> None:
        page = one.get("/tickets/bulk/assign/", {"ticket": chosen(*three)}).content.decode()
        assert 'value="tier1"' in page
        assert 'value="tier2"' not in page

    @pytest.mark.parametrize(
        ("deed", "given", "says"),
        [
            ("assign", {"assignee": "nobody-here"}, "There is nobody called “nobody-here”."),
            ("escalate", {"criterion": "Because", "reason": "x"}, "“Because” is none of the criteria."),
            ("resolve", {"code": "", "note": ""}, "Choose how it ended."),
            ("severity", {"severity": "worst"}, "There is no severity “worst”."),
            ("tag", {"tags": " , "}, "Say which: words with commas between them."),
            ("tag", {"tags": "x" * 200}, "characters"),
        ],
    )
    def test_a_wrong_answer_is_asked_again_and_changes_nothing(
        self, one: Client, three: list[Ticket], deed: str, given: dict[str, str], says: str
    ) -> None:
        text = send(one, deed, chosen(*three), 422, **given)
        assert says in text
        assert set(Ticket.objects.values_list("version", flat=True)) == {1}


class TestBadInput:
    def test_nothing_chosen(self, one: Client) -> None:
        assert "Choose at least one ticket." in send(one, "acknowledge", [])

    @pytest.mark.parametrize("wrong", ["", "12", "v", "12v", "x12v1", "1" * 30 + "v1", "12v1 or 1=1", "²v1", "1v\x00"])
    def test_a_choice_that_names_no_ticket(self, one: Client, three: list[Ticket], wrong: str) -> None:
        assert "Choose the tickets in the list again." in send(one, "acknowledge", [*chosen(*three), wrong])
        assert not Ticket.objects.filter(assignee__isnull=False).exists()
        assert one.get("/tickets/bulk/assign/", {"ticket": [wrong]}).status_code == 200

    def test_more_than_500(self, one: Client, three: list[Ticket]) -> None:
        many = [*chosen(*three), *(f"{number}v1" for number in range(10_000, 10_498))]
        assert "These are 501 tickets; at most 500" in send(one, "acknowledge", many)
        assert not Ticket.objects.filter(assignee__isnull=False).exists()

    def test_500_of_which_most_are_gone(self, one: Client, three: list[Ticket]) -> None:
        many = [*chosen(*three), *(f"{number}v1" for number in range(10_000, 10_497))]
        text = send(one, "acknowledge", many)
        assert "497 of 500 tickets could not be acknowledged" in text
        assert Ticket.objects.filter(assignee__isnull=False).count() == 3

    def test_a_deed_that_there_is_not(self, one: Client) -> None:
        assert one.get("/tickets/bulk/delete/").status_code == 404

    def test_nobody_is_led_elsewhere(self, one: Client, three: list[Ticket]) -> None:
        answer = one.post(
            "/tickets/bulk/acknowledge/", {"ticket": chosen(three[0]), "next": "https://evil.example/queue/"}
        )
        assert answer.headers["Location"] == "/queue/"
