"""Without JavaScript everything can still be read and done."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser import acting
from tests.browser.product import Product
from tests.maintenance.shops import Shop
from tests.waiting import until


def test_a_run_is_started_read_and_cancelled(
    new_context: Callable[..., BrowserContext], product: Product, shop: Shop
) -> None:
    acting.fill(shop, tables=2, pages_a_second=2)
    page = new_context(java_script_enabled=False).new_page()
    acting.start(page, product, "shop")
    acting.await_vacuum(shop)

    def read_again() -> bool:
        page.get_by_role("link", name="Read it again").click()
        seen = page.locator("#run-steps li[data-state=running]").count(), page.locator("#run-log-lines > li").count()
        return all(seen)

    until(read_again, 20, "steps and log")
    page.get_by_role("button", name="Cancel run").last.click()
    until(lambda: acting.working(shop) == [], 20, "the end of what the run executed")

    def ended() -> bool:
        page.reload()
        return page.locator("#run-verdict").is_visible()

    until(ended, 20, "the verdict")
    expect(page.locator("#run-verdict")).to_contain_text("Cancelled.")


def test_filters_are_applied_by_a_button(new_context: Callable[..., BrowserContext], product: Product) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{product.url}/runs/")
    page.get_by_label("State").select_option("lost")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
