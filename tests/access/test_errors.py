"""Pages for requests that went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from zbmaint.access.views import errors

ClientAs = Callable[[str], Client]


def test_an_address_that_leads_to_nothing(client_as: ClientAs) -> None:
    answer = client_as("viewer").get("/no/such/page/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "There is nothing here" in page
    assert 'class="sidebar"' in page


@pytest.mark.django_db
def test_somebody_who_is_not_signed_in_gets_it_without_the_shell(client: Client) -> None:
    answer = client.get("/no/such/page/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert 'class="sidebar"' not in page


def test_data_that_is_not_there_is_a_problem(client_as: ClientAs) -> None:
    for answer in (
        client_as("viewer").get("/no/such.json", headers={"Accept": "text/html"}),
        client_as("viewer").get("/runs/999999/report.json"),
        client_as("viewer").get("/no/such/page/", headers={"Accept": "application/json"}),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_the_address_is_escaped(client_as: ClientAs) -> None:
    page = client_as("viewer").get("/<script>alert(1)</script>/").content.decode()
    assert "<script>alert" not in page


def test_a_server_error_is_shown_without_the_database_and_with_a_reference(rf: RequestFactory) -> None:
    answer = errors.server_error(rf.get("/runs/"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert re.search(r'reference <span class="mono">[0-9a-f]{8}</span>', page)


def test_a_malformed_request(db: None, client: Client) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()


def test_a_form_without_its_token_tells_htmx_in_a_toast(client_as: ClientAs, rf: RequestFactory) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = client_as("viewer").cookies
    answer = client.post("/profile/preferences/", {"theme": "dark"}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert '<div class="toast" data-tone="danger">' in page
    assert "<html" not in page


def test_a_page_that_fails_says_so_and_leaks_nothing(client_as: ClientAs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: HttpRequest) -> None:
        raise RuntimeError("secret of the database")

    monkeypatch.setattr("zbmaint.dashboard.views.overview.read_parts", lambda _: fail(HttpRequest()))
    client = client_as("viewer")
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
