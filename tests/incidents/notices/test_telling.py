"""Who is told of what happens to a ticket, by a real mail server; once each, and never nobody in silence."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from incidents.actions import assignment, comments, editing, handing, passing, statuses
from incidents.actions.intake import receive
from incidents.models import NoticePreferences, NoticeRule, Stakeholder, Ticket, Tier
from tests.incidents.made import make_team, make_ticket, on_call, open_one, resolved
from tests.incidents.reading import again, told
from tests.mailbox import Mailbox, mailbox
from tests.notifications.posting import work
from tests.receivers import Receiver, receiver
from zbmaint.access.models import Person
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
Team = dict[str, Person]


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def mail(environment: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mailbox() as server:
        environment.setenv("EMAIL_URL", server.url)
        yield server


def sent(box: Mailbox) -> list[tuple[str, str]]:
    """Works the queue off; to whom what was written since, in no order of its own."""
    before = len(box.messages)
    while work():
        pass
    return sorted((message["To"].addresses[0].username, message["Subject"]) for message in box.messages[before:])


def quiet(person: Person) -> None:
    """Let `person` be in their quiet hours now."""
    now = timezone.now()
    NoticePreferences.objects.create(
        person=person,
        quiet_from=(now - dt.timedelta(hours=1)).time(),
        quiet_until=(now + dt.timedelta(hours=1)).time(),
    )


def test_a_new_ticket_is_told_as_the_specification_words_it(mail: Mailbox, team: Team) -> None:
    on_call(1, team["ann"])
    ticket = open_one(severity="high", title="Database is down", description="No <connection>.", actor=team["ben"])
    assert sent(mail) == [("ann", "New high incident: Database is down")]
    text = mail.text()
    for part in (str(ticket), "Severity: High", "No <connection>.", "Reported by: Front desk", "on call for tier 1"):
        assert part in text
    assert f"/tickets/{ticket.number}/" in text


def test_whoever_has_several_roles_is_told_once_and_who_did_it_is_not(mail: Mailbox, team: Team) -> None:
    on_call(1, team["ann"])
    Stakeholder.objects.create(name="Ann as well", address="ANN@example.org")
    Stakeholder.objects.create(name="The board", address="board@example.org", severities=["critical"])
    ticket = open_one(severity="critical", actor=team["ada"])
    assert [name for name, _ in sent(mail)] == ["ann", "board"]
    comments.watch(ticket, team["ann"])
    comments.watch(ticket, team["ada"])
    assignment.claim(ticket.number, actor=team["ann"])
    assert sent(mail) == [
        ("ada", f"{ticket} is in progress: Nobody can print"),
        ("board", mail.messages[-1]["Subject"]),
    ]
    assert "Status: from open to in progress, by ann" in mail.text()


def test_a_comment_tells_nobody(mail: Mailbox, team: Team) -> None:
    on_call(1, team["ann"])
    ticket = open_one(actor=team["ada"])
    sent(mail)
    comments.comment(ticket.number, "Looking", actor=team["ann"])
    assert sent(mail) == []


def test_assigning_tells_who_gets_it_and_who_had_it(mail: Mailbox, team: Team) -> None:
    ticket = open_one(actor=team["ada"])
    assignment.assign(ticket.number, team["ann"], actor=team["lee"])
    sent(mail)
    assignment.assign(ticket.number, team["ada"], actor=team["lee"])
    assert sent(mail) == [(name, f"{ticket} is ada’s now: Nobody can print") for name in ("ada", "ann")]


def test_handing_it_on_tells_who_is_on_call_there_and_who_had_it(mail: Mailbox, team: Team) -> None:
    on_call(2, team["ben"])
    ticket = open_one(actor=team["ada"])
    assignment.claim(ticket.number, actor=team["ann"])
    sent(mail)
    criterion = Tier.objects.get(pk=1).criteria[0]
    handing.escalate(ticket.number, actor=team["ada"], criterion=criterion, reason="Beyond me")
    assert sent(mail) == [(name, f"{ticket} is with Tier 2 now: Nobody can print") for name in ("ann", "ben")]
    assert "Beyond me" in mail.text()


def test_the_end_is_told_with_how(mail: Mailbox, team: Team) -> None:
    ticket = open_one(actor=team["ada"])
    assignment.claim(ticket.number, actor=team["ann"])
    sent(mail)
    statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="Toner")
    assert sent(mail) == [("ada", f"{ticket} is resolved: Nobody can print")]
    assert "Toner" in mail.text()


def test_that_the_source_is_clear_again_is_told_to_who_works_on_it(mail: Mailbox, team: Team) -> None:
    on_call(1, team["ann"])
    Stakeholder.objects.create(name="Managers", channel="email", address="managers@example.org")
    ticket = make_ticket()
    assignment.claim(ticket.number, actor=team["ann"])
    sent(mail)
    receive(resolved())
    assert sent(mail) == [
        (who, f"{ticket} is clear again at its source: {ticket.title}") for who in ("ann", "managers")
    ]
    assert mail.text().startswith("test: Disk of ops-1 has room again")
    receive(resolved())
    assert sent(mail) == []


def test_a_worse_severity_calls_and_a_better_one_does_not(mail: Mailbox, team: Team) -> None:
    on_call(1, team["ann"])
    ticket = open_one(actor=team["ada"])
    sent(mail)
    editing.set_severity(ticket.number, "critical", actor=team["ben"])
    assert ("ann", f"{ticket} is critical now: Nobody can print") in sent(mail)
    editing.set_severity(ticket.number, "low", actor=team["ben"])
    assert sent(mail) == []


def test_at_risk_and_missed_are_told_once(mail: Mailbox, team: Team) -> None:
    on_call(1, team["ann"])
    ticket = open_one(severity="critical", actor=team["ada"])
    sent(mail)
    Ticket.objects.filter(pk=ticket.pk).update(next_clock_at=timezone.now())
    ticket.stints.update(entered_at=timezone.now() - dt.timedelta(hours=5))
    assert [passing.record_passed(timezone.now()) for _ in range(2)] == [1, 0]
    assert sent(mail) == [
        ("ada", f"{ticket} missed its target: Nobody can print"),
        ("ann", f"{ticket} missed its target: Nobody can print"),
    ]
    assert mail.text().startswith("First response target missed.")


class TestNobody:
    def test_without_anybody_the_leads_are_told_and_why(self, mail: Mailbox, team: Team) -> None:
        ticket = open_one(actor=team["ada"])
        assert [name for name, _ in sent(mail)] == ["lee"]
        assert "You are told because nobody else could be: nobody is on call for tier 1." in mail.text()
        assert told(ticket, "unnotified") == []

    def test_without_a_lead_it_stands_in_red_on_the_timeline(self, mail: Mailbox, team: Team) -> None:
        Person.objects.filter(username="lee").update(email="")
        on_call(1, team["ann"])
        Person.objects.filter(username="ann").update(email="")
        ticket = open_one(actor=team["ada"])
        assert sent(mail) == []
        assert told(ticket, "unnotified") == [
            "nobody was notified: ann has no e-mail address and no lead has an e-mail address"
        ]

    def test_without_a_mail_server_it_says_so_and_the_notice_waits(
        self, team: Team, environment: pytest.MonkeyPatch
    ) -> None:
        environment.delenv("EMAIL_URL")
        on_call(1, team["ann"])
        ticket = open_one(actor=team["ada"])
        said = "nobody was notified yet, 1 notice waits: E-mail is not set up: EMAIL_URL is not set"
        assert told(ticket, "unnotified") == [said]
        work()
        assert Notice.objects.get().state == "failed"

    def test_who_calls_nobody_because_they_do_it_themselves_is_no_fault(self, mail: Mailbox, team: Team) -> None:
        on_call(1, team["ann"])
        ticket = open_one(actor=team["ann"])
        assert (sent(mail), told(ticket, "unnotified")) == ([], [])

    def test_a_lead_who_gives_it_to_somebody_without_an_address_is_told_so(self, mail: Mailbox, team: Team) -> None:
        ticket = open_one(actor=team["ada"])
        sent(mail)
        Person.objects.filter(username="ben").update(email="", tier=1)
        assignment.assign(ticket.number, Person.objects.get(username="ben"), actor=team["lee"])
        assert told(ticket, "unnotified") == [
            "nobody was notified: ben has no e-mail address and no other lead has an e-mail address"
        ]

    def test_one_that_the_server_refuses_for_good_stands_on_the_timeline(self, mail: Mailbox, team: Team) -> None:
        on_call(1, team["ann"])
        mail.refuses["RCPT"] = ["550 no such user"]
        ticket = open_one(actor=team["ada"])
        sent(mail)
        assert told(ticket, "unnotified") == ["could not tell ann by e-mail: 550 no such user"]

    def test_who_has_left_is_not_told(self, mail: Mailbox, team: Team) -> None:
        ticket = open_one(actor=team["ada"])
        assignment.assign(ticket.number, team["ann"], actor=team["lee"])
        sent(mail)
        Person.objects.filter(username="ann").update(retired_at=timezone.now())
        editing.set_severity(ticket.number, "critical", actor=team["ben"])
        assert "ann" not in [name for name, _ in sent(mail)]


class TestWishes:
    def test_quiet_hours_keep_what_is_not_critical_until_they_end(self, mail: Mailbox, team: Team) -> None:
        on_call(1, team["ann"])
        quiet(team["ann"])
        open_one(severity="high", actor=team["ada"])
        assert sent(mail) == []
        assert Notice.objects.get().next_attempt_at > timezone.now() + dt.timedelta(minutes=58)
        open_one(severity="critical", actor=team["ada"])
        assert [name for name, _ in sent(mail)] == ["ann"]

    def test_what_a_lead_sets_holds_for_who_answers_and_not_for_watchers(self, mail: Mailbox, team: Team) -> None:
        on_call(1, team["ann"])
        for name in ("ann", "ada"):
            NoticeRule.objects.create(person=team[name], event="opened", channels=[])
        open_one(severity="high", actor=team["ben"])
        assert [name for name, _ in sent(mail)] == ["lee"]  # ann wishes nothing of it, so a lead hears
        open_one(severity="critical", actor=team["ben"])
        assert [name for name, _ in sent(mail)] == ["ann"]


class TestTakenUp:
    def test_acknowledging_stops_what_waits_in_its_transaction(self, mail: Mailbox, team: Team) -> None:
        on_call(1, team["ann"])
        Stakeholder.objects.create(name="Board", address="board@example.org")
        ticket = open_one(actor=team["ben"])
        assignment.claim(ticket.number, actor=team["ada"])
        stopped = Notice.objects.get(kind="ticket.opened")
        assert (stopped.state, stopped.person) == ("cancelled", team["ann"])
        assert stopped.last_error == "ada has taken it up, ended it or handed it on."
        # What only informs is not stopped; and of two about the same the last one tells it.
        assert ("board", f"{ticket} is in progress: Nobody can print") in sent(mail)

    def test_what_is_on_its_way_asks_once_more(self, mail: Mailbox, team: Team) -> None:
        on_call(1, team["ann"])
        open_one(actor=team["ada"])
        Ticket.objects.update(assignee=team["ann"], accepted_at=timezone.now(), status="in_progress")
        assert sent(mail) == []
        assert re.fullmatch("ann has taken INC-[0-9]+ meanwhile.", Notice.objects.get().last_error)

    def test_resolved_by_its_source_it_calls_nobody_any_more(self, mail: Mailbox, team: Team) -> None:
        on_call(1, team["ann"])
        ticket = make_ticket()
        receive(resolved())
        assert again(ticket).status == "resolved"
        assert sent(mail) == [("ann", f"{ticket} is resolved: Disk of ops-1 is full")]


class TestMonitoring:
    @pytest.fixture
    def monitoring(self, environment: pytest.MonkeyPatch, settings: Any) -> Iterator[Receiver]:
        settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]
        with receiver() as server:
            environment.setenv("MONITORING_WEBHOOK_URL", server.url("/hook"))
            environment.setenv("MONITORING_WEBHOOK_SECRET", "secret")
            yield server

    def test_a_critical_ticket_raises_the_alert_and_its_end_clears_it(self, monitoring: Receiver, team: Team) -> None:
        ticket = open_one(severity="critical", actor=team["ada"])
        assert told(ticket, "notified") == ["raised the monitoring alert"]
        assignment.claim(ticket.number, actor=team["ann"])
        statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="Toner")
        assert told(ticket, "notified") == ["raised the monitoring alert", "cleared the monitoring alert"]
        while work():
            pass
        bodies = [seen.body.decode() for seen in monitoring.received]
        assert ['"type":"incident.critical"' in body for body in bodies] == [True, True]
        assert ['"state":"raised"' in bodies[0], '"state":"cleared"' in bodies[1]] == [True, True]

    def test_severity_raises_and_clears_it_too(self, monitoring: Receiver, team: Team) -> None:
        ticket = open_one(actor=team["ada"])
        editing.set_severity(ticket.number, "critical", actor=team["ben"])
        editing.set_severity(ticket.number, "high", actor=team["ben"])
        statuses.resolve(ticket.number, actor=team["ben"], code="fixed", note="Toner")
        assert told(ticket, "notified") == ["raised the monitoring alert", "cleared the monitoring alert"]

    def test_without_a_webhook_nothing_is_said(self, team: Team, environment: pytest.MonkeyPatch) -> None:
        environment.delenv("MONITORING_WEBHOOK_URL", raising=False)
        assert told(open_one(severity="critical", actor=team["ada"]), "notified") == []


def test_a_storm_of_alerts_is_a_handful_of_messages(mail: Mailbox, team: Team) -> None:
    on_call(1, team["ann"])
    for number in range(19):
        make_ticket(key=f"disk:{number}", title=f"Disk {number} is full")
    assert len(sent(mail)) == 5
    assert Notice.objects.filter(state="bundled").count() == 14


def test_a_repeat_of_an_alert_tells_nobody_again(mail: Mailbox, team: Team) -> None:
    on_call(1, team["ann"])
    make_ticket()
    sent(mail)
    make_ticket()
    assert sent(mail) == []
