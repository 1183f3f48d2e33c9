from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from incidents.actions.intake import receive
from incidents.intake.alert import Reference
from tests.incidents.made import alert, make_ticket, open_one

SignIn = Callable[[str], Client]
LIST = "/admin/incidents/ticket/"


def test_a_ticket_is_read_with_its_timeline_and_its_links(client_as: SignIn) -> None:
    ticket = make_ticket(references=(Reference("run", "7", "Run <7>", "/runs/7/"),), tags=("disk",))
    receive(alert(title="Disk of ops-1 is <b>full</b> again"))
    page = client_as("lead").get(f"{LIST}{ticket.pk}/change/").content.decode()
    assert '<a href="/runs/7/">Run &lt;7&gt;</a>' in page
    assert "Disk of ops-1 is &lt;b&gt;full&lt;/b&gt; again" in page
    assert page.index("full&lt;/b&gt; again") < page.index("Disk of ops-1 is full</td>")
    assert "_save" not in page


def test_the_list_takes_the_same_queries_for_many_tickets(
    client_as: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    admin = client_as("admin")
    for number in range(5):
        make_ticket(key=f"disk:{number}")
    admin.get(LIST)
    # Person with role; sources and tiers of the filters; count; rows; three banners.
    with django_assert_num_queries(9):
        page = admin.get(LIST).content.decode()
    assert page.count("Disk of ops-1 is full") == 5


@pytest.mark.parametrize("role", ["lead", "admin"])
def test_nobody_writes_or_deletes_one(client_as: SignIn, role: str) -> None:
    ticket = make_ticket()
    assert client_as(role).post(f"{LIST}{ticket.pk}/change/", {"title": "x"}).status_code == 403
    assert client_as(role).post(f"{LIST}{ticket.pk}/delete/", {"post": "yes"}).status_code == 403


def test_tickets_are_filtered_by_who_told_of_them(client_as: Callable[[str], Client]) -> None:
    make_ticket(title="Told by a probe", source="probes")
    open_one(title="Told by a person")
    lead = client_as("lead")
    people = lead.get("/admin/incidents/ticket/?source=-").content.decode()
    assert "Told by a person" in people
    assert "Told by a probe" not in people
    assert "Told by a probe" in lead.get("/admin/incidents/ticket/?source=probes").content.decode()
