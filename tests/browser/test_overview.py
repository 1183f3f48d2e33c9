"""The overview in a real browser: on one screen where there is room, and tickets that can be told apart where not."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.product import Product
from tests.browser.test_queue import open_tickets

# The titles of tickets that are not whole.
CUT = """() => [...document.querySelectorAll("#attention .title a")]
  .filter(link => link.scrollWidth > link.clientWidth).map(link => link.textContent)"""
COLUMNS = "getComputedStyle(document.querySelector('.tiles')).gridTemplateColumns.split(' ').length"


def test_all_of_it_is_on_one_screen(page: Page, product: Product) -> None:
    open_tickets(product, "overview", *range(1, 9))
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(product.url)
    expect(page.locator("#attention tbody tr")).to_have_count(8)
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    tiers, night = (
        page.locator(f"section[aria-labelledby={name}-title]").bounding_box() for name in ("tiers", "night")
    )
    assert tiers is not None
    assert night is not None
    assert tiers["y"] == night["y"], "side by side"


def test_what_a_ticket_is_about_can_be_read_on_a_middle_screen(page: Page, product: Product) -> None:
    open_tickets(product, "middle", -200, title="Invoice mail bounces at once")
    page.set_viewport_size({"width": 1024, "height": 844})
    page.goto(product.url)
    expect(page.locator("#attention")).to_contain_text("Invoice mail bounces at once")
    assert page.evaluate(CUT) == []
    assert page.evaluate(COLUMNS) == 4
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(COLUMNS) == 2
