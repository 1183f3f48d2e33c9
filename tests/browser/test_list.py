"""The list of runs follows what happens, and holds still under the pointer."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import acting
from tests.browser.product import Product

POLLED = 5  # seconds


def test_new_runs_come_by_themselves_but_not_under_the_pointer(page: Page, product: Product) -> None:
    other = page.context.new_page()
    known = acting.start(other, product)
    acting.await_end(other)
    page.clock.install()
    page.goto(f"{product.url}/runs/")
    acting.mark(page)
    first = page.locator("#run-list tbody tr").first
    expect(first).to_contain_text(f"Run {known},")
    first.hover()
    new = acting.start(other, product)
    acting.pass_by(page, POLLED)
    expect(page.get_by_role("link", name="Show 1 newer")).to_be_visible()
    expect(first).to_contain_text(f"Run {known},")
    page.mouse.move(5, 5)
    acting.pass_by(page, POLLED)
    expect(first).to_contain_text(f"Run {new},")
    assert acting.is_same(page)


def test_a_filter_changes_list_and_address_and_back_undoes_both(page: Page, product: Product) -> None:
    number = acting.start(page, product)
    acting.await_end(page)
    page.goto(f"{product.url}/runs/")
    acting.mark(page)
    page.get_by_label("State").select_option("lost")
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/runs/\?state=lost$"))
    assert acting.is_same(page)
    page.go_back()
    expect(page.get_by_role("link", name=f"Run {number},")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/runs/$"))


def test_coming_back_to_a_filtered_list_shows_the_whole_page(page: Page, product: Product) -> None:
    number = acting.start(page, product)
    acting.await_end(page)
    page.goto(f"{product.url}/runs/")
    page.get_by_label("Task").select_option("database_maintenance")
    expect(page).to_have_url(re.compile(r"task=database_maintenance"))
    page.get_by_role("link", name=f"Run {number},").click()
    expect(page.locator("#run-verdict")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    expect(page.get_by_label("Task")).to_have_value("database_maintenance")
