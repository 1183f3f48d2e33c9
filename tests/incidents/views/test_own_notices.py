"""How a person is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from incidents.models import NoticePreferences, NoticeRule
from incidents.rules import notifying
from tests.notifications.posting import messages
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
ClientAs = Callable[[str], Client]
PAGE = "/profile/notices/"


def given(**changes: Any) -> dict[str, Any]:
    """The form as it stands for somebody who has changed nothing, with `changes`."""
    data: dict[str, Any] = {"chat": "", "quiet_from": "", "quiet_until": ""}
    for event in notifying.EVENTS:
        data |= {f"via_{event}": ["email"], f"least_{event}": "low"}
    return data | changes


def test_it_shows_e_mail_for_everything_at_first(client_as: ClientAs) -> None:
    page = client_as("tier1").get(PAGE).content.decode()
    for part in ("A new ticket", "tier1@example.org", "Set by a lead: “a new ticket” reaches whoever has to answer"):
        assert part in page
    assert page.count("checked") >= len(notifying.EVENTS)


def test_it_keeps_what_differs_and_records_it(client_as: ClientAs, people: dict[str, Person]) -> None:
    data = given(chat="CHAT_ANN", quiet_from="22:00", quiet_until="06:30", via_status=[], least_at_risk="high")
    assert client_as("tier1").post(PAGE, data).status_code == 302
    row = NoticePreferences.objects.get(person=people["tier1"])
    assert (row.chat, f"{row.quiet_from:%H:%M}", f"{row.quiet_until:%H:%M}") == ("CHAT_ANN", "22:00", "06:30")
    rules = {rule.event: (rule.channels, rule.least) for rule in NoticeRule.objects.all()}
    assert rules == {"status": ([], "low"), "at_risk": (["email"], "high")}
    entry = AuditEntry.objects.get(verb="own_notices_changed")
    assert entry.after is not None
    assert entry.after["quiet_from"] == "22:00:00"
    client_as("tier1").post(PAGE, data)
    assert AuditEntry.objects.filter(verb="own_notices_changed").count() == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"chat": "slack://hunter2"}, "Write the name of the variable"),
        ({"chat": "DATABASE_URL"}, "Write the name of the variable"),
        ({"quiet_from": "22:00"}, "Say both when it begins and when it ends"),
        ({"quiet_from": "25:00", "quiet_until": "06:00"}, "Enter a valid time"),
        ({"via_opened": ["pigeon"]}, "pigeon"),
        ({"least_opened": "worst"}, "worst"),
        ({"chat": "\0"}, "Null characters are not allowed"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(client_as: ClientAs, changes: dict[str, Any], says: str) -> None:
    answer = client_as("tier1").post(PAGE, given(**changes))
    assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert (NoticePreferences.objects.count(), NoticeRule.objects.count()) == (0, 0)


def test_a_test_goes_by_every_channel_before_all_else(client_as: ClientAs, people: dict[str, Person]) -> None:
    NoticePreferences.objects.create(person=people["tier1"], chat="CHAT_ANN")
    page = client_as("tier1").post(f"{PAGE}test/", follow=True).content.decode()
    assert "A test is on its way by 2 channels." in page
    assert {(notice.transport, notice.recipient, notice.priority) for notice in Notice.objects.all()} == {
        ("email", f"person:{people['tier1'].pk}", 0),
        ("chat", "CHAT_ANN", 0),
    }
    assert len(messages()) == 2
    assert "A test of your notices" in client_as("tier1").get(f"{PAGE}log/").content.decode()


def test_without_a_channel_a_test_says_what_is_missing(client_as: ClientAs, people: dict[str, Person]) -> None:
    Person.objects.update(email="")
    page = client_as("tier1").post(f"{PAGE}test/", follow=True).content.decode()
    assert "There is nowhere to send it" in page
    assert not Notice.objects.exists()


def test_nobody_sees_what_was_sent_to_others(client_as: ClientAs) -> None:
    client_as("tier1").post(f"{PAGE}test/")
    assert "A test of your notices" not in client_as("tier2").get(PAGE).content.decode()


def test_without_a_mail_server_it_says_so(client_as: ClientAs, environment: pytest.MonkeyPatch) -> None:
    environment.delenv("EMAIL_URL")
    assert "E-mail is not set up: EMAIL_URL is not set." in client_as("tier1").get(PAGE).content.decode()


def test_the_profile_leads_there(client_as: ClientAs) -> None:
    assert f'href="{PAGE}"' in client_as("viewer").get("/profile/").content.decode()


def test_reports_are_offered_to_those_who_may_have_them_as_they_get_them_unasked(client_as: ClientAs) -> None:
    for role, checked in (("lead", True), ("tier1", False)):
        page = client_as(role).get(PAGE).content.decode()
        box = page.split('name="via_weekly"', 1)[1].split(">", 1)[0]
        assert ("The health report, once a day" in page, "checked" in box) == (True, checked)


def test_what_is_chosen_of_reports_is_kept_where_it_differs(client_as: ClientAs, people: dict[str, Person]) -> None:
    client_as("lead").post(PAGE, given(via_weekly=["email"]))
    assert not NoticeRule.objects.exists()
    client_as("lead").post(PAGE, given(via_health=["email"]))
    client_as("tier1").post(PAGE, given(via_weekly=["email", "chat"]))
    rules = {(rule.person.username, rule.event): rule.channels for rule in NoticeRule.objects.all()}
    assert rules == {
        ("lead", "weekly"): [],
        ("lead", "health"): ["email"],
        ("tier1", "weekly"): ["email", "chat"],
    }
