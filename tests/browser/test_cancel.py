"""Cancelling a run from its page, with a real statement on a real server."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import acting
from tests.browser.product import Product
from tests.maintenance.shops import Shop
from tests.waiting import until


def test_cancelling_in_mid_vacuum_ends_the_statement_on_the_server(page: Page, product: Product, shop: Shop) -> None:
    acting.fill(shop, tables=2, pages_a_second=2)
    acting.start(page, product, "shop")
    acting.await_vacuum(shop)
    acting.mark(page)
    page.get_by_role("button", name="Cancel run").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Keep running")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert acting.working(shop) != []
    page.get_by_role("button", name="Cancel run").click()
    dialog.get_by_role("button", name="Cancel run").click()
    verdict = acting.await_end(page, 30)
    assert acting.is_same(page)
    assert "Cancelled." in verdict
    assert "Asked for by admin" in verdict
    until(lambda: acting.working(shop) == [], 5, "the end of what the run executed")
    expect(dialog).to_have_count(0)
    # The button that opened the dialog is gone: the focus is at the content, not lost at the top of the document.
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.locator("#run-steps li[data-state=cancelled]").first).to_be_visible()
    assert shop.dead("items_1") == shop.dead("items_2") == 2000
