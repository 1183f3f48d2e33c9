"""The list of notices, and what may be done to one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.incidents.made import make_ticket, on_call
from tests.notifications.posting import post, work, write_to
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications import banners
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
ClientAs = Callable[[str], Client]
People = dict[str, Person]
PAGE = "/notifications/"


def texts(client: Client, query: str = "") -> str:
    return client.get(f"{PAGE}?{query}").content.decode()


def of_state(state: str, person: Person, number: int) -> Notice:
    notice = write_to(person, event=f"ticket:{number}:1:opened", subject=f"Notice {state}")[0]
    Notice.objects.filter(pk=notice.pk).update(state=state, attempts=3, last_error=f"because {state}")
    return notice


def test_each_tab_has_its_states(client_as: ClientAs, people: People) -> None:
    states = ("queued", "sending", "failed", "sent", "dead", "cancelled", "bundled")
    for number, state in enumerate(states):
        of_state(state, people["tier1"], number)
    client = client_as("lead")
    for tab, expected in (
        ("", set(states)),
        ("waiting", {"queued", "sending", "failed"}),
        ("sent", {"sent"}),
        ("dead", {"dead"}),
        ("stopped", {"cancelled", "bundled"}),
    ):
        page = texts(client, f"tab={tab}")
        assert {state for state in states if f"Notice {state}<" in page} == expected
    assert "because dead" in texts(client)
    assert "1 notice was</strong>" not in texts(client, "tab=dead")


def test_it_is_narrowed_by_person_transport_and_ticket(client_as: ClientAs, people: People) -> None:
    write_to(people["tier1"], event="ticket:1:1:opened", subject="To one")
    write_to(people["tier2"], event="ticket:2:1:opened", subject="To two")
    post("run:3:finished")
    client = client_as("lead")
    assert "To two" not in texts(client, f"person={people['tier1'].pk}")
    assert "To one" not in texts(client, "transport=webhook")
    assert "To one" not in texts(client, "ticket=2")
    assert 'href="/tickets/2/"' in texts(client, "ticket=2")
    assert 'href="/runs/3/"' in texts(client, "run=3")
    assert "Nothing matches these filters" in texts(client, "ticket=99")


def test_filters_stand_in_the_address_and_what_is_dead_among_them_is_a_link(
    client_as: ClientAs, people: People
) -> None:
    of_state("dead", people["tier1"], 1)
    client, mine = client_as("lead"), f"person={people['tier1'].pk}"
    htmx = {"HX-Request": "true"}
    chosen = client.get(f"{PAGE}?{mine}&transport=", headers={**htmx, "HX-Trigger": "filters"})
    assert chosen["HX-Push-Url"] == f"{PAGE}?{mine}"
    assert f'<a href="?tab=dead&amp;{mine}">See what was given up' in chosen.content.decode()
    assert "HX-Push-Url" not in client.get(f"{PAGE}?{mine}", headers={**htmx, "HX-Trigger": "notices"})


@pytest.mark.parametrize(
    "query",
    [
        *("tab=lost", "person=x", "transport=pigeon", "ticket=1e3", "ticket=²", f"ticket={'9' * 400}"),
        *("before=then", "before=2026-01-01_x"),
    ],
)
def test_a_filter_that_means_nothing_is_said(client_as: ClientAs, query: str) -> None:
    answer = client_as("lead").get(f"{PAGE}?{query}")
    assert (answer.status_code, "These filters show nothing" in answer.content.decode()) == (422, True)


def test_it_is_paged_by_where_a_page_ends(client_as: ClientAs, people: People) -> None:
    for number in range(60):
        write_to(people["tier1"], event=f"ticket:{number}:1:opened", subject=f"Notice <{number}>")
    client = client_as("lead")
    answer = client.get(PAGE)
    write_to(people["tier1"], event="ticket:99:1:opened", subject="Notice <new>")  # moves nothing
    seen = answer.content.decode()
    older = answer.context["page"].older
    both = seen + texts(client, older)
    assert [f"Notice &lt;{number}&gt;" in both for number in range(60)] == [True] * 60
    assert seen.count('<tr id="notice-') == 50
    assert texts(client, older).count('<tr id="notice-') == 10


def test_it_costs_the_same_for_any_number(
    client_as: ClientAs, people: People, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_as("lead")
    for number in range(60):
        write_to(people["tier1"], event=f"ticket:{number}:1:opened")
    with django_assert_num_queries(10):
        client.get(PAGE)


def test_a_dead_one_is_sent_again_or_let_be(client_as: ClientAs, people: People) -> None:
    one, other = (of_state("dead", people["tier1"], number) for number in (1, 2))
    client = client_as("tier3")
    answer = client.post(f"{PAGE}{one.pk}/resend/", {"tab": "dead"})
    assert answer["Location"] == f"{PAGE}?tab=dead"
    client.post(f"{PAGE}{other.pk}/cancel/")
    assert dict(Notice.objects.values_list("pk", "state")) == {one.pk: "queued", other.pk: "cancelled"}
    assert "It waits to be sent already." in client.post(f"{PAGE}{one.pk}/resend/", follow=True).content.decode()
    assert client.get(f"{PAGE}{one.pk}/resend/").status_code == 405


def test_all_that_are_dead_and_found_are_sent_again(client_as: ClientAs, people: People) -> None:
    mine = [of_state("dead", people["tier1"], number) for number in (1, 2)]
    other, sent = of_state("dead", people["tier2"], 3), of_state("sent", people["tier1"], 4)
    assert "Resend all" not in texts(client_as("tier3"))
    assert "Resend all" in texts(client_as("tier3"), "tab=dead")
    answer = client_as("tier3").post(f"{PAGE}resend/", {"person": str(people["tier1"].pk)})
    assert answer["Location"] == f"{PAGE}?tab=dead&person={people['tier1'].pk}"
    expected = dict.fromkeys([notice.pk for notice in mine], "queued") | {other.pk: "dead", sent.pk: "sent"}
    assert dict(Notice.objects.values_list("pk", "state")) == expected
    assert AuditEntry.objects.filter(verb="notice_resent", actor=people["tier3"]).count() == 2
    assert (
        "There is no transport"
        in client_as("tier3").post(f"{PAGE}resend/", {"transport": "pigeon"}, follow=True).content.decode()
    )
    assert Notice.objects.get(pk=other.pk).state == "dead"


def test_before_all_are_sent_again_it_asks(client_as: ClientAs, people: People) -> None:
    for number in (1, 2):
        of_state("dead", people["tier1"], number)
    of_state("dead", people["tier2"], 3)
    mine = f"person={people['tier1'].pk}"
    page = texts(client_as("tier3"), f"tab=dead&{mine}")
    assert f'href="{PAGE}resend/?tab=dead&amp;{mine}"' in page
    client = client_as("tier3")
    question = client.get(f"{PAGE}resend/?tab=dead&{mine}").content.decode()
    assert "Resend 2 notices?" in question
    assert f'<input type="hidden" name="person" value="{people["tier1"].pk}"' in question
    assert set(Notice.objects.values_list("state", flat=True)) == {"dead"}
    assert "Resend 1 notice?" in client.get(f"{PAGE}resend/?person={people['tier2'].pk}").content.decode()
    assert client.get(f"{PAGE}resend/?ticket=99").status_code == 404


def test_when_it_is_tried_next_is_said_in_whole_seconds(client_as: ClientAs, people: People) -> None:
    notice = of_state("failed", people["tier1"], 1)
    now = timezone.now()
    Notice.objects.filter(pk=notice.pk).update(next_attempt_at=now + dt.timedelta(seconds=6.4))
    assert re.search(r"Failed after 3 tries, again in [567]s, to", texts(client_as("lead")))
    Notice.objects.filter(pk=notice.pk).update(next_attempt_at=now - dt.timedelta(seconds=1))
    assert "Failed after 3 tries, again now, to" in texts(client_as("lead"))


def test_who_may_not_send_again_has_no_button(client_as: ClientAs, people: People) -> None:
    of_state("dead", people["tier1"], 1)
    assert "/resend/" in texts(client_as("tier3"))
    assert "/resend/" not in texts(client_as("tier1"))


def test_dead_ones_are_a_red_dot_on_every_page(
    client_as: ClientAs, people: People, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STUCK_BANNER_SECONDS = 5.0
    monkeypatch.setattr(banners, "_counted_at", float("-inf"))
    client = client_as("lead")
    assert "not delivered" not in client.get("/profile/").content.decode()
    of_state("dead", people["tier1"], 1)
    assert "not delivered" not in client.get("/profile/").content.decode()  # as counted a moment ago
    monkeypatch.setattr(banners, "_counted_at", float("-inf"))
    assert ", 1 not delivered" in client.get("/profile/").content.decode()


def test_without_a_mail_server_it_says_that_notices_wait(
    client_as: ClientAs, people: People, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("EMAIL_URL")
    write_to(people["tier1"], event="ticket:1:1:opened")
    work()
    page = texts(client_as("lead"))
    assert "E-mail is not set up: EMAIL_URL is not set." in page
    assert "Failed after 1 try, again in" in page


def test_how_long_one_is_tried_and_kept_is_as_set(
    client_as: ClientAs, people: People, settings: Any, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("EMAIL_URL")
    write_to(people["tier1"])
    page = texts(client_as("lead"))
    assert "Tried for 2 days; kept 90 days." in page
    assert "given up after 2 days." in page
    settings.NOTICE_GIVE_UP_HOURS, settings.NOTICE_RETENTION_DAYS = 6.0, 14
    page = texts(client_as("lead"))
    assert "Tried for 6 h; kept 14 days." in page
    assert "given up after 6 h." in page


def test_quiet_hours_are_said(client_as: ClientAs, people: People) -> None:
    until = timezone.now() + dt.timedelta(hours=3)
    write_to(people["tier1"], not_before=until)
    assert f"Queued until {until:%H:%M} UTC" in texts(client_as("lead"))


def test_the_log_of_a_ticket_says_who_was_told(client_as: ClientAs, people: People) -> None:
    on_call(1, people["tier1"])
    ticket = make_ticket()
    client = client_as("viewer")
    assert f'hx-get="/tickets/{ticket.number}/notices/"' in client.get(ticket.get_absolute_url()).content.decode()
    for headers in ({}, {"HX-Request": "true"}):
        page = client.get(f"/tickets/{ticket.number}/notices/", headers=headers).content.decode()
        assert "New medium incident: Disk of ops-1 is full" in page
        assert "tier1" in page
    assert client.get("/tickets/99999/notices/").status_code == 404
