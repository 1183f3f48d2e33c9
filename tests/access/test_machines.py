"""Views for machines are called past what only browsers need, and nothing else is."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_machine_gets_neither_cookies_nor_headers_for_pages(client: Client) -> None:
    answer = client.post("/hooks/generic")
    assert answer.status_code == 401
    assert not answer.cookies
    assert "Content-Security-Policy" not in answer.headers
    assert (answer["X-Content-Type-Options"], answer["Content-Length"]) == ("nosniff", str(len(answer.content)))


@pytest.mark.parametrize("path", ["/hooks/", "/hooks/generic/", "/hooks/nothing", "/hooks/../queue/", "/hooksqueue/"])
def test_what_only_looks_like_one_goes_the_way_of_pages(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Content-Security-Policy" in answer.headers
