"""The log of a run goes on after whatever came between the browser and the server, without gap and without double."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import acting
from tests.browser.product import Product
from tests.maintenance.shops import Shop
from tests.waiting import until

MORE = 8  # lines that are written while nobody listens


def watching(context: BrowserContext, product: Product, shop: Shop, *, tables: int = 6) -> Page:
    """The page of a run that writes for a while, the longer the more tables; it has shown some lines already."""
    acting.fill(shop, tables=tables, pages_a_second=60)
    page = context.new_page()
    acting.start(page, product, "shop")
    acting.await_vacuum(shop)
    until(lambda: acting.lines(page), 15, "the first lines")
    acting.mark(page)
    return page


def test_after_a_lost_connection(new_context: Callable[..., BrowserContext], product: Product, shop: Shop) -> None:
    context, other = new_context(), new_context().new_page()
    page = watching(context, product, shop)
    other.goto(page.url)
    context.set_offline(True)
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    missed_from = acting.lines(page)[-1]
    until(lambda: len(acting.written(other)) >= missed_from + MORE, 60, "lines that the page misses")
    assert acting.lines(page)[-1] == missed_from
    context.set_offline(False)
    expect(page.get_by_text("Connection lost.")).to_be_hidden()
    acting.await_end(page)
    acting.await_log(page)
    assert acting.is_same(page)


def test_after_a_crash_of_the_web_server(
    new_context: Callable[..., BrowserContext], product: Product, shop: Shop
) -> None:
    page = watching(new_context(), product, shop, tables=4)
    product.kill_web_server()
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    expect(page.get_by_text("Connection lost.")).to_be_hidden(timeout=30_000)
    acting.await_end(page)
    acting.await_log(page)
    assert acting.is_same(page)


@pytest.mark.long
def test_after_a_reload(new_context: Callable[..., BrowserContext], product: Product, shop: Shop) -> None:
    page = watching(new_context(), product, shop, tables=3)
    before = acting.lines(page)
    page.reload()
    assert acting.lines(page)[: len(before)] == before
    acting.await_end(page)
    acting.await_log(page)


def test_scrolling_up_stops_following_and_the_switch_goes_on(
    new_context: Callable[..., BrowserContext], product: Product, shop: Shop
) -> None:
    # Beside a long list of steps the log would be as tall as that.
    page = watching(new_context(viewport={"width": 390, "height": 844}), product, shop)
    log, follow = page.locator("#run-log"), page.get_by_label("Follow")
    expect(follow).to_be_checked()
    until(lambda: log.evaluate("log => log.scrollTop") > 50, 30, "a log longer than its frame")
    log.evaluate("log => { log.scrollTop = 0; }")
    expect(follow).not_to_be_checked()
    known = len(acting.lines(page))
    until(lambda: len(acting.lines(page)) > known, 30, "another line")
    assert log.evaluate("log => log.scrollTop") == 0
    follow.check()
    assert log.evaluate("log => log.scrollTop") > 0
    acting.await_end(page)
