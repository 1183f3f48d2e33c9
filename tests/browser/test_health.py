"""The health page in a real browser: reached by keys, a report asked for, followed live, readable on every screen."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import acting
from tests.browser.product import Product
from tests.browser.test_looks import faults

NewContext = Callable[..., BrowserContext]
REPORTS = "#part-reports tbody tr"


def test_a_report_is_asked_for_and_the_page_that_is_open_shows_it(
    page: Page, product: Product, new_context: NewContext
) -> None:
    page.goto(product.url)
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", name="Platform health")).to_be_visible()
    expect(page.locator("#part-cards")).to_contain_text("zbmaint's own database")
    other = new_context().new_page()
    # So that half a minute passes when the test says so.
    other.clock.install()
    other.goto(f"{product.url}/health/")
    before = other.locator(REPORTS).count()
    page.get_by_role("button", name="Make a report").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+/$"))
    assert "The platform is" in acting.await_end(page, 60)
    other.clock.fast_forward("00:31")
    expect(other.locator(REPORTS)).to_have_count(before + 1)
    page.goto(f"{product.url}/health/")
    assert faults(page) == []
    page.locator(REPORTS).first.get_by_role("link").click()
    expect(page.get_by_role("heading", name=re.compile("Health report"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("run"), exact=False).first).to_be_visible()
    assert faults(page) == []


def test_a_service_has_a_page_of_its_own(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/health/")
    page.locator("#part-cards").get_by_role("link", name="zbmaint's own cache").click()
    expect(page.get_by_role("heading", name="zbmaint's own cache")).to_be_visible()
    expect(page.get_by_role("img")).to_be_visible()
    assert faults(page) == []
