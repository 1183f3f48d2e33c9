"""The shell around every page: theme, density, navigation, toasts, weight."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from maintenance.models import Finding, RunStep, Severity
from maintenance.rules import run_states
from zbmaint.access.models import Person

ClientAs = Callable[[str], Client]
CODE_ENDINGS = (".css", ".js", ".svg")


def html_tag(page: str) -> str:
    """The opening tag of the document."""
    found = re.search(r"<html[^>]*>", page)
    assert found is not None
    return found.group()


def test_the_theme_of_the_profile_is_written_by_the_server(client_as: ClientAs, people: dict[str, Person]) -> None:
    client = client_as("viewer")
    assert "data-theme" not in html_tag(client.get("/").content.decode())
    Person.objects.filter(username="viewer").update(theme="dark", density="comfortable", single_keys=False)
    tag = html_tag(client.get("/").content.decode())
    assert 'data-theme="dark"' in tag
    assert 'data-density="comfortable"' in tag
    assert 'data-single-keys="off"' in tag


@pytest.mark.django_db
def test_the_cookie_carries_the_theme_to_the_sign_in_page(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in html_tag(client.get("/login/").content.decode())


@pytest.mark.django_db
def test_a_theme_that_does_not_exist_is_not_written(client: Client) -> None:
    client.cookies["theme"] = "x onload=alert(1)"
    assert "data-theme" not in html_tag(client.get("/login/").content.decode())


def test_the_navigation_has_only_what_the_role_may_open(client_as: ClientAs) -> None:
    viewer, lead = (client_as(role).get("/").content.decode() for role in ("viewer", "lead"))
    assert 'href="/runs/"' in viewer
    assert 'href="/admin/"' not in viewer
    assert 'href="/admin/"' in lead


def test_the_page_one_is_on_is_marked(client_as: ClientAs) -> None:
    page = client_as("viewer").get("/").content.decode()
    assert re.search(r'href="/" aria-current="page" data-go="o"', page)


def test_the_clock_shows_ones_own_zone_beside_utc(client_as: ClientAs) -> None:
    client = client_as("viewer")
    assert "data-clock-of" not in client.get("/").content.decode()
    Person.objects.filter(username="viewer").update(time_zone="America/Port_of_Spain")
    page = client.get("/").content.decode()
    assert re.search(r'data-clock-of="America/Port_of_Spain">\d\d:\d\d</span> Port of Spain<', page)


def test_a_zone_that_is_gone_takes_no_page_away(client_as: ClientAs) -> None:
    client = client_as("viewer")
    Person.objects.filter(username="viewer").update(time_zone="Mars/Olympus")
    assert client.get("/").status_code == 200


def test_htmx_is_told_not_to_write_styles_nor_to_evaluate_code(client_as: ClientAs) -> None:
    page = client_as("viewer").get("/").content.decode()
    found = re.search(r"<meta name=\"htmx-config\" content='([^']*)'>", page)
    assert found is not None
    told = json.loads(found.group(1))
    assert told["includeIndicatorStyles"] is False
    assert told["allowEval"] is False
    assert told["historyCacheSize"] == 0


def test_htmx_sends_the_token_against_forgery(client_as: ClientAs) -> None:
    page = client_as("viewer").get("/").content.decode()
    found = re.search(r"<body hx-headers='([^']*)'>", page)
    assert found is not None
    assert len(json.loads(found.group(1))["x-csrftoken"]) == 64


def test_messages_become_toasts(client_as: ClientAs) -> None:
    client = client_as("viewer")
    sent = {"name": "Vi", "email": "", "time_zone": "UTC", "theme": "system", "density": "compact"}
    page = client.post("/profile/", sent, follow=True).content.decode()
    assert re.search(r'<div class="toast" data-tone="success">.*?Profile saved', page, re.DOTALL)


@pytest.mark.parametrize("path", ["/", "/profile/", "/runs/"])
def test_no_page_has_inline_code_or_styles(client_as: ClientAs, path: str) -> None:
    page = client_as("admin").get(path).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", page)


def test_the_first_load_of_a_page_is_at_most_100_kb(client_as: ClientAs) -> None:
    page = client_as("admin").get("/").content.decode()
    weight = len(gzip.compress(page.encode()))
    names = set(re.findall(r'(?:href|src)="/static/([^"#]+)', page))
    assert {name for name in names if name.endswith(CODE_ENDINGS)} == names
    for name in names:
        path = finders.find(name)
        assert isinstance(path, str)
        weight += len(gzip.compress(Path(path).read_bytes()))
    assert weight <= 100 * 1024


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    root = Path(settings.BASE_DIR)
    known = set(re.findall(r'<symbol id="i-([^"]+)"', (root / "static/icons.svg").read_text()))
    named = set()
    for template in (root / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% icon "([^"]+)"', template.read_text()))
        named |= set(re.findall(r'{% nav_link "[^"]+" "[^"]+" "([^"]+)"', template.read_text()))
    named |= {f"state-{name}" for name in [*run_states.MEANING, *RunStep.State.values]}
    named |= {f"status-{name}" for name in Finding.State.values} | {f"severity-{name}" for name in Severity.values}
    assert named <= known


def test_scripts_import_nothing() -> None:
    """Files have a hash in their name once they are collected, which an import inside one of them would not know."""
    for script in (Path(settings.BASE_DIR) / "static/js").glob("*.js"):
        assert not re.search(r"^\s*import\b|\bimport\(", script.read_text(), re.MULTILINE), script.name
