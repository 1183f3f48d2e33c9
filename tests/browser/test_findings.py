"""The findings page in a real browser: found by a real run, filtered, accepted with the keyboard, reopened."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import acting
from tests.browser.product import Product
from tests.browser.test_keyboard import tab_to
from tests.browser.test_looks import faults
from tests.maintenance.shops import Shop

NewContext = Callable[..., BrowserContext]


def find(page: Page, product: Product, shop: Shop, *tables: str) -> None:
    """Let a run find that autovacuum is switched off for tables that need it."""
    for table in tables:
        shop.fill(table, rows=3000, dead=2000)
        with shop.connect() as session:
            session.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    acting.start(page, product, "shop")
    assert "finding" in acting.await_end(page)


def title(table: str) -> str:
    return f"Autovacuum is switched off for public.{table}"


def test_found_filtered_accepted_with_the_keyboard_and_reopened(page: Page, product: Product, shop: Shop) -> None:
    find(page, product, shop, "kept", "other")
    page.keyboard.press("g")
    page.keyboard.press("f")
    expect(page.get_by_role("heading", name="Findings", exact=True)).to_be_visible()
    row = page.locator("tbody tr", has_text=title("kept"))
    expect(row).to_contain_text("Browser shop")
    # What mends it opens in the row.
    fix = row.locator("pre")
    expect(fix).to_be_hidden()
    row.locator("summary").click()
    expect(fix).to_have_text("ALTER TABLE public.kept RESET (autovacuum_enabled);")
    # The text filter works while one types, and stands in the address.
    page.keyboard.press("/")
    page.keyboard.type("public.kept")
    expect(page.locator("tbody tr", has_text=title("other"))).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/findings/\?q=public\.kept$"))
    expect(page.get_by_label("Search in findings")).to_be_focused()
    accept = page.get_by_role("link", name=f"Accept: {title('kept')}")
    tab_to(page, accept)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Accept this finding?")
    expect(dialog.get_by_label("Why it may stay")).to_be_focused()
    page.keyboard.press("Escape")
    expect(accept).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Why it may stay")).to_be_focused()
    page.keyboard.type("The import switches it off")
    page.keyboard.press("Enter")
    # Back in the list as it was filtered.
    expect(page.locator("#toasts")).to_contain_text("Accepted until")
    expect(page).to_have_url(re.compile(r"/findings/\?q=public\.kept#finding-\d+$"))
    expect(row).to_contain_text("Accepted until")
    page.get_by_role("button", name=f"Reopen: {title('kept')}").click()
    expect(row).to_contain_text("Ongoing for a moment")


def test_without_javascript_everything_works(page: Page, new_context: NewContext, product: Product, shop: Shop) -> None:
    find(page, product, shop, "plain")
    plain = new_context(java_script_enabled=False).new_page()
    plain.goto(f"{product.url}/findings/")
    plain.get_by_label("Search in findings").fill("plain")
    plain.get_by_role("combobox", name="Severity").select_option("medium")
    plain.get_by_role("button", name="Apply").click()
    plain.get_by_role("link", name=f"Accept: {title('plain')}").click()
    plain.get_by_label("Why it may stay").fill("No script")
    plain.get_by_label("Accept until").fill("2020-01-01")
    plain.get_by_role("button", name="Accept").click()
    expect(plain.locator("p.error")).to_have_text("The last day must be after today.")
    expect(plain.get_by_label("Why it may stay")).to_have_value("No script")
    plain.goto(f"{product.url}/findings/?state=exploded")
    expect(plain.get_by_text("There is no state “exploded”.")).to_be_visible()


def test_its_pages_are_accessible_quiet_and_no_wider_than_the_screen(page: Page, product: Product, shop: Shop) -> None:
    find(page, product, shop, "looks")
    wrong = []
    page.goto(f"{product.url}/findings/")
    page.locator("tbody tr", has_text=title("looks")).locator("summary").click()
    wrong += faults(page)
    page.set_viewport_size({"width": 1440, "height": 1080})
    page.get_by_role("link", name=f"Accept: {title('looks')}").click()
    expect(page.get_by_role("dialog", name="Accept this finding?")).to_be_visible()
    wrong += faults(page)
    page.goto(f"{product.url}/findings/")
    page.get_by_role("link", name=title("looks"), exact=True).click()
    expect(page.get_by_role("heading", name=title("looks"))).to_be_visible()
    wrong += faults(page)
    page.goto(f"{page.url}accept/")
    wrong += faults(page)
    assert wrong == []
