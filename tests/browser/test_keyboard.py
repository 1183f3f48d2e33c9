"""The main path with the keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.browser import acting
from tests.browser.conftest import WIDE
from tests.browser.product import PASSWORD, Product
from tests.maintenance.shops import Shop


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until `wanted` has the focus."""
    for _ in range(40):
        page.keyboard.press(key)
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} cannot be reached with {key}")


def test_sign_in_run_watch_cancel_and_run_again(
    browser: Browser, product: Product, shop: Shop, signed_in: StorageState
) -> None:
    # Whoever signed in before has made the shop a target; the one who signs in here is somebody new.
    assert signed_in["cookies"]
    acting.fill(shop, tables=2, pages_a_second=2)
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]  # width and height
    page = context.new_page()
    page.goto(product.url)
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    # The page is there before the scripts that listen to its keys.
    page.wait_for_load_state("load")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Run maintenance").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Run now")).to_be_focused()
    tab_to(page, page.get_by_label("Target"), "Shift+Tab")
    page.keyboard.type("Browser")
    tab_to(page, page.get_by_role("button", name="Run now"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/runs/\d+/$"))
    acting.await_vacuum(shop)
    tab_to(page, page.get_by_role("button", name="Cancel run"))
    # The head of the page is exchanged while the run works; the focus stays.
    expect(page.get_by_role("button", name="Cancel run")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep running")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "Cancelled." in acting.await_end(page, 30)
    tab_to(page, page.get_by_role("link", name="Run again"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Target")).to_have_value("shop")
    context.close()
