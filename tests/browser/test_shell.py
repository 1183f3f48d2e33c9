"""The shell in a browser: theme, shortcuts, menus, toasts, what a lost connection or an ended session looks like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.acting import pass_by
from tests.browser.product import Product

STANDS = 6  # seconds that a toast stands
POLLED = 5  # seconds


@pytest.fixture
def home(page: Page, product: Product) -> Page:
    """The overview."""
    page.goto(product.url)
    return page


@pytest.fixture
def restored(page: Page, product: Product) -> Iterator[None]:
    """Takes back afterwards what the person chose in the test: all browser tests share one person."""
    yield
    page.goto(f"{product.url}/profile/")
    page.get_by_label("Time zone").fill("UTC")
    page.get_by_role("group", name="Theme").get_by_text("System").click()
    page.get_by_role("group", name="Rows").get_by_text("Compact").click()
    page.get_by_label("Use single-key shortcuts").first.check()
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Profile saved").first).to_be_visible()


def open_menu(page: Page) -> None:
    """Open the account menu."""
    page.locator(".sidebar summary").click()


def choose(page: Page, group: str, choice: str) -> None:
    """Make a choice in the account menu and wait until the server has kept it."""
    with page.expect_response("**/profile/preferences/") as answer:
        page.locator(".menu__list").get_by_role("group", name=group).get_by_text(choice).click()
    assert answer.value.status == 204


def theme(page: Page) -> str | None:
    """The theme of the document; None when it follows the device."""
    return page.locator("html").get_attribute("data-theme")


def test_a_theme_is_seen_at_once_and_written_by_the_server_from_then_on(restored: None, home: Page) -> None:
    open_menu(home)
    choose(home, "Theme", "Dark")
    assert theme(home) == "dark"
    assert 'data-theme="dark"' in home.request.get(home.url).text()


def test_rows_become_taller_at_once(restored: None, home: Page) -> None:
    before = home.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--row')")
    open_menu(home)
    choose(home, "Rows", "Comfortable")
    after = home.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--row')")
    assert (before, after) == ("2.5rem", "3rem")


def test_django_admin_has_the_theme_of_the_profile_and_its_switch_changes_the_profile(
    restored: None, home: Page, product: Product
) -> None:
    open_menu(home)
    choose(home, "Theme", "Dark")
    home.goto(f"{product.url}/admin/")
    assert theme(home) == "dark"
    with home.expect_response("**/profile/preferences/"):
        home.locator(".theme-toggle").first.click()
    switched = theme(home)
    assert switched in ("light", "auto")
    home.goto(product.url)
    assert theme(home) == (None if switched == "auto" else switched)


def test_escape_closes_the_menu_and_gives_the_focus_back(home: Page) -> None:
    open_menu(home)
    home.keyboard.press("Escape")
    expect(home.locator(".menu__list")).to_be_hidden()
    expect(home.locator(".sidebar summary")).to_be_focused()


def test_a_click_elsewhere_closes_the_menu(home: Page) -> None:
    open_menu(home)
    home.get_by_role("heading", name="Overview").click()
    expect(home.locator(".menu__list")).to_be_hidden()


def test_keys_go_places_and_list_themselves(home: Page) -> None:
    home.keyboard.press("g")
    home.keyboard.press("r")
    expect(home).to_have_url(re.compile(r"/runs/$"))
    home.keyboard.press("/")
    expect(home.get_by_label("Task")).to_be_focused()
    home.locator("h1").click()
    home.keyboard.press("?")
    dialog = home.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    home.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_single_keys_can_be_switched_off(restored: None, home: Page) -> None:
    home.keyboard.press("?")
    dialog = home.get_by_role("dialog", name="Keyboard shortcuts")
    with home.expect_response("**/profile/preferences/"):
        dialog.get_by_label("Use single-key shortcuts").uncheck()
    home.keyboard.press("Escape")
    home.keyboard.press("?")
    expect(dialog).to_be_hidden()
    home.reload()
    home.keyboard.press("?")
    expect(dialog).to_be_hidden()


def test_keys_do_nothing_in_a_field(home: Page, product: Product) -> None:
    home.goto(f"{product.url}/profile/")
    home.get_by_label("Full name").fill("")
    home.get_by_label("Full name").press_sequentially("g r ?")
    expect(home.get_by_label("Full name")).to_have_value("g r ?")
    expect(home).to_have_url(re.compile(r"/profile/$"))


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(home: Page) -> None:
    home.keyboard.press("Tab")
    expect(home.get_by_role("link", name="Skip to content")).to_be_focused()
    home.keyboard.press("Enter")
    expect(home.locator("#main")).to_be_focused()


def test_a_success_is_said_and_leaves_by_itself(home: Page, product: Product) -> None:
    home.clock.install()
    home.goto(f"{product.url}/profile/")
    home.get_by_role("button", name="Save profile").click()
    toast = home.locator(".toast")
    expect(toast).to_contain_text("Profile saved")
    expect(home.locator("#announcer")).to_have_text("Profile saved")
    pass_by(home, STANDS - 1)
    expect(toast).to_have_count(1)
    pass_by(home, 1)
    expect(toast).to_have_count(0)


def test_the_clock_shows_ones_own_zone(restored: None, home: Page, product: Product) -> None:
    home.goto(f"{product.url}/profile/")
    home.get_by_label("Time zone").fill("Africa/Harare")
    home.get_by_role("button", name="Save profile").click()
    expect(home.locator(".topbar")).to_contain_text(re.compile(r"\d\d:\d\d UTC\s+\d\d:\d\d Harare"))


def test_a_lost_connection_is_shown_until_the_server_answers_again(
    new_context: Callable[..., BrowserContext], product: Product
) -> None:
    context = new_context()
    page = context.new_page()
    page.goto(product.url)
    context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("Connection lost.")
    expect(page.locator("#live")).to_have_text("Offline")
    context.set_offline(False)
    expect(page.locator("#connection")).to_be_hidden()
    expect(page.locator("#live")).to_have_text("Live")


def test_a_page_whose_session_has_ended_leaves_for_the_sign_in_page(
    new_context: Callable[..., BrowserContext], product: Product
) -> None:
    context = new_context()
    page = context.new_page()
    page.clock.install()
    page.goto(product.url)
    context.clear_cookies()
    pass_by(page, POLLED)
    expect(page).to_have_url(f"{product.url}/login/?next=/")


def test_the_narrow_navigation_opens_and_closes(new_context: Callable[..., BrowserContext], product: Product) -> None:
    page = new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(product.url)
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.get_by_role("link", name="Runs", exact=True)).to_be_visible()
    page.get_by_role("button", name="Close menu").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
