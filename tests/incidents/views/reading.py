"""Pages of tickets, as a person reads them."""

from __future__ import annotations

import datetime as dt
import html
import re

from django.test import Client
from django.utils import timezone

from incidents.models import Ticket

HTMX = {"HX-Request": "true"}


def words(page: str) -> str:
    """A page without its tags, each gap one space."""
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    return re.sub(r" (?=[,.;:])", "", text)


def read(client: Client, ticket: Ticket, query: str = "", status: int = 200) -> str:
    """The words of a ticket's page."""
    return words(source(client, ticket, query, status))


def source(client: Client, ticket: Ticket, query: str = "", status: int = 200) -> str:
    """A ticket's page as it is sent."""
    answer = client.get(f"/tickets/{ticket.number}/{query}")
    assert answer.status_code == status
    return str(answer.content.decode())


def do(client: Client, ticket: Ticket, deed: str, status: int = 200, **values: object) -> str:
    """Send the form of a deed, follow where it leads, and read that. Without `version` the one of now is sent."""
    seen = Ticket.objects.get(pk=ticket.pk).version
    answer = client.post(f"/tickets/{ticket.number}/{deed}/", {"version": seen, **values}, follow=True)
    text = words(answer.content.decode())
    assert answer.status_code == status, text
    return text


def ask(client: Client, ticket: Ticket, deed: str, query: str = "", headers: dict[str, str] | None = None) -> str:
    """The question before a deed, as it is sent."""
    answer = client.get(f"/tickets/{ticket.number}/{deed}/{query}", headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def in_hours(hours: float) -> str:
    """A moment so many hours from now, as a browser sends it."""
    return f"{timezone.now() + dt.timedelta(hours=hours):%Y-%m-%dT%H:%M}"
