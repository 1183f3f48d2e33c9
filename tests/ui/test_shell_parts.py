"""The parts of the shell are kept, and never older than what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zbmaint.access.models import Person, Role
from zbmaint.ui import shell, slots
from zbmaint.ui.templatetags.ui import slot

ClientAs = Callable[[str], Client]
People = dict[str, Person]


def page(client: Client, path: str = "/") -> str:
    return client.get(path).content.decode()


def test_they_are_rendered_once_for_what_they_show(client_as: ClientAs) -> None:
    client = client_as("viewer")
    page(client)
    before = shell._rendered.cache_info().misses
    page(client)
    assert shell._rendered.cache_info().misses == before


def test_what_a_role_may_changes_at_the_next_request(client_as: ClientAs) -> None:
    client, role = client_as("viewer"), Role.objects.get(key="viewer")
    assert 'href="/runs/"' in page(client)
    seen = Permission.objects.get(codename="view_run", content_type__app_label="maintenance")
    role.permissions.remove(seen)
    assert 'href="/runs/"' not in page(client)
    assert client.get("/runs/").status_code == 403
    role.permissions.add(seen)
    assert 'href="/runs/"' in page(client)
    assert client.get("/runs/").status_code == 200


def test_another_role_counts_at_the_next_request(client_as: ClientAs, people: People) -> None:
    client = client_as("viewer")
    assert 'href="/admin/"' not in page(client)
    Person.objects.filter(username="viewer").update(role=Role.objects.get(key="admin"))
    assert 'href="/admin/"' in page(client)


def test_a_name_and_a_theme_count_at_the_next_request(client_as: ClientAs) -> None:
    client = client_as("viewer")
    page(client)
    Person.objects.filter(username="viewer").update(username="renamed", theme="dark")
    html = page(client)
    assert "<span>renamed</span>" in html
    assert 'name="theme" value="dark" checked' in html


def test_two_people_of_one_role_see_their_own(client_as: ClientAs, people: People) -> None:
    Person.objects.filter(username="tier1").update(role=Role.objects.get(key="viewer"))
    assert "<span>viewer</span>" in page(client_as("viewer"))
    assert "<span>tier1</span>" in page(client_as("tier1"))


def test_where_one_is_is_marked(client_as: ClientAs) -> None:
    client = client_as("viewer")
    assert 'href="/" aria-current="page"' in page(client)
    assert 'href="/runs/" aria-current="page"' in page(client, "/runs/")


def test_forms_in_them_are_accepted(people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["viewer"], backend="zbmaint.access.backend.RoleBackend")
    html = page(client)
    assert "\x02" not in html
    token = html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert client.post("/logout/", {"csrfmiddlewaretoken": token}).status_code == 302


def test_a_slot_in_a_part_is_filled_at_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter(["one", "two"])

    def filler(_request: HttpRequest) -> SafeString:
        return format_html("<b>{}</b>", next(said))

    monkeypatch.setitem(slots._fillers, "banners", [filler])
    monkeypatch.setattr(shell, "_rendered", lambda *_: ["<nav>", "slot:banners", "</nav>"])
    known: dict[str, Any] = {
        "product": "",
        "theme": "",
        "density": "",
        "single_keys": False,
        "own_clock": None,
        "csrf_token": "",
    }
    request = HttpRequest()
    request.path = "/"
    known |= {"csrf_token": "", "now": timezone.now()}
    assert shell.part("ui/sidebar.html", request, known) == "<nav><b>one</b></nav>"
    assert shell.part("ui/sidebar.html", request, known) == "<nav><b>two</b></nav>"


def test_a_template_of_a_part_leaves_holes_for_slots() -> None:
    assert shell._HOLE.split(f"<nav>{slot({'holes': True}, 'banners')}</nav>") == ["<nav>", "slot:banners", "</nav>"]  # type: ignore[arg-type]  # a context is a mapping
