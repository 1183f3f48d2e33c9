"""Page slots: what an app registers stands on every page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zbmaint.ui import slots


def demo_banner(request: HttpRequest) -> SafeString | None:
    """A banner on every page but the profile."""
    return None if request.path == "/profile/" else format_html('<p id="demo">{}</p>', "Demo <data>")


@pytest.fixture(autouse=True)
def _empty_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the product itself registers is tested where it is made."""
    monkeypatch.setitem(slots._fillers, "banners", [])


@pytest.fixture
def banner() -> Iterator[None]:
    slots.register("banners", demo_banner)
    yield
    slots.unregister("banners", demo_banner)


def test_a_registered_banner_is_on_the_page(banner: None, client_as: Callable[[str], Client]) -> None:
    assert '<p id="demo">Demo &lt;data&gt;</p>' in client_as("viewer").get("/").content.decode()


def test_a_banner_may_stay_away_from_a_page(banner: None, client_as: Callable[[str], Client]) -> None:
    assert 'id="demo"' not in client_as("viewer").get("/profile/").content.decode()


def test_registering_twice_shows_it_once(banner: None) -> None:
    slots.register("banners", demo_banner)
    assert slots.render("banners", RequestFactory().get("/")).count("demo") == 1


def test_a_slot_that_does_not_exist_cannot_be_filled() -> None:
    with pytest.raises(KeyError):
        slots.register("nowhere", demo_banner)


def test_an_empty_slot_prints_nothing() -> None:
    assert slots.render("banners", RequestFactory().get("/")) == ""
