"""Acknowledging from a message: whom it was for, once, and only by the button."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from incidents.actions import assignment, handing
from incidents.models import Ticket, Tier
from tests.incidents.made import make_team, on_call, open_one
from tests.incidents.reading import again
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import letter

pytestmark = pytest.mark.django_db
Team = dict[str, Person]


@pytest.fixture
def team() -> Team:
    team = make_team()
    on_call(1, team["ann"])
    return team


@pytest.fixture
def ticket(team: Team) -> Ticket:
    return open_one(actor=team["ada"])


def link_for(person: Person) -> str:
    """The path of the link in the last message to `person`, as it is written now."""
    text = letter.write(Notice.objects.filter(person=person).latest("created_at")).text
    found = re.search(r"Acknowledge it: https?://[^/]+(/\S+)", text)
    assert found is not None
    return found[1]


def said(answer: object) -> str:
    return re.sub(r"\s+", " ", getattr(answer, "content", b"").decode())


def test_the_link_alone_changes_nothing(client: Client, ticket: Ticket, team: Team) -> None:
    path = link_for(team["ann"])
    for _ in range(3):
        answer = client.get(path)
        assert (answer.status_code, f"Acknowledge {ticket}?" in said(answer)) == (200, True)
        assert answer["Cache-Control"].startswith("max-age=0")
    assert again(ticket).status == "open"
    assert client.put(path).status_code == 405


def test_its_button_acknowledges_as_whom_it_was_for_once(client: Client, ticket: Ticket, team: Team) -> None:
    path = link_for(team["ann"])
    answer = client.post(path)
    assert (answer.status_code, f"{ticket} is yours" in said(answer)) == (200, True)
    assert (again(ticket).status, again(ticket).assignee) == ("in_progress", team["ann"])
    assert AuditEntry.objects.get(verb="ticket_acknowledged").actor == team["ann"]
    for again_ in (client.post(path), client.get(path)):
        assert (again_.status_code, f"ann has acknowledged {ticket} already." in said(again_)) == (410, True)


def test_the_button_needs_its_page(ticket: Ticket, team: Team) -> None:
    """Another site cannot press it in somebody's browser."""
    assert Client(enforce_csrf_checks=True).post(link_for(team["ann"])).status_code == 403
    assert again(ticket).status == "open"


def test_who_was_second_is_told_who_has_it(client: Client, ticket: Ticket, team: Team) -> None:
    path = link_for(team["ann"])
    assignment.claim(ticket.number, actor=team["ada"])
    assert f"ada has acknowledged {ticket} already." in said(client.post(path))


def test_it_is_of_use_for_some_hours(client: Client, ticket: Ticket, team: Team) -> None:
    path = link_for(team["ann"])
    with time_machine.travel(timezone.now() + dt.timedelta(hours=13)):
        answer = client.post(path)
    assert (answer.status_code, "can be used no longer" in said(answer)) == (410, True)
    assert again(ticket).status == "open"


def test_it_is_only_for_that_stay(client: Client, ticket: Ticket, team: Team) -> None:
    path = link_for(team["ann"])
    criterion = Tier.objects.get(pk=1).criteria[0]
    handing.escalate(ticket.number, actor=team["ada"], criterion=criterion, reason="Beyond me")
    answer = client.post(path)
    assert (answer.status_code, "handed on or taken up again since" in said(answer)) == (410, True)


@pytest.mark.parametrize("broken", ["x", "-", "é", "a:b:c", "x" * 3000])
def test_what_is_none_of_ours_is_said_so(client: Client, ticket: Ticket, team: Team, broken: str) -> None:
    path = link_for(team["ann"])
    for wrong in (f"/tickets/acknowledge/{broken}/", f"{path[:-9]}{path[-3:]}"):
        answer = client.post(wrong)
        assert (answer.status_code, "This link is not whole" in said(answer)) == (404, True)


def test_who_has_left_can_do_nothing_with_it(client: Client, ticket: Ticket, team: Team) -> None:
    path = link_for(team["ann"])
    Person.objects.filter(username="ann").update(retired_at=timezone.now())
    answer = client.post(path)
    assert (answer.status_code, "ann may not work on tickets" in said(answer)) == (409, True)


def test_whoever_is_signed_in_it_is_whom_it_was_for(ticket: Ticket, team: Team) -> None:
    client = Client()
    client.force_login(team["lee"], backend="zbmaint.access.backend.RoleBackend")
    client.post(link_for(team["ann"]))
    assert again(ticket).assignee == team["ann"]


def test_it_signs_nobody_in(client: Client, ticket: Ticket, team: Team) -> None:
    client.post(link_for(team["ann"]))
    assert client.get(ticket.get_absolute_url()).status_code == 302
