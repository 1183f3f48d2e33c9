"""The queue with keys alone: through the list, into a ticket and back, and from any page by the search box."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.product import Product
from tests.browser.test_queue import look_again, open_tickets, row

# Whether the focused row is seen: neither past an edge of the window nor under the heads that stay.
SEEN = """row => {
  const box = row.getBoundingClientRect();
  const heads = [...document.querySelectorAll(".topbar, #tickets thead")];
  const free = Math.max(...heads.map((head) => head.getBoundingClientRect().bottom));
  return box.top >= free - 1 && box.bottom <= innerHeight + 1;
}"""


def begin(page: Page, product: Product, query: str) -> None:
    """The page is there before the scripts that listen to its keys."""
    page.goto(f"{product.url}/queue/1/?{query}")
    page.wait_for_load_state("load")


def expect_at(page: Page, number: int) -> None:
    """The title of that ticket has the focus."""
    expect(row(page, number).locator(".title a")).to_be_focused()


def test_j_and_k_walk_across_the_groups_and_stop_at_the_ends(page: Page, product: Product) -> None:
    numbers = open_tickets(product, "walk", -5, 20, 90)
    begin(page, product, "tag=walk")
    assert page.locator("tr.group").count() == 3
    for number in [*numbers, numbers[-1]]:
        page.keyboard.press("j")
        expect_at(page, number)
    for number in [*numbers[-2::-1], numbers[0]]:
        page.keyboard.press("k")
        expect_at(page, number)


def test_enter_opens_and_u_goes_back_to_the_queue_of_the_tier(page: Page, product: Product) -> None:
    _, second = open_tickets(product, "back", 20, 90, title="Opened with a key")
    begin(page, product, "tag=back")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/tickets/{second}/$"))
    page.wait_for_load_state("load")
    expect(page.get_by_role("link", name="Tier 1")).to_have_attribute("aria-keyshortcuts", "u")
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name="Tier 1 queue")).to_be_visible()


def test_the_row_is_seen_and_the_last_one_leads_to_the_next_page(page: Page, product: Product) -> None:
    open_tickets(product, "long", *range(40, 91))
    page.set_viewport_size({"width": 1440, "height": 600})
    begin(page, product, "tag=long")
    rows = page.locator("tr[id^=ticket]")
    for at in range(50):
        page.keyboard.press("j")
        expect(rows.nth(at).locator(".title a")).to_be_focused()
        assert rows.nth(at).evaluate(SEEN), f"row {at} on the way down"
    page.keyboard.press("j")
    after = page.get_by_role("link", name="After")
    expect(after).to_be_focused()
    expect(after).to_be_in_viewport()
    for at in reversed(range(50)):
        page.keyboard.press("k")
        assert rows.nth(at).evaluate(SEEN), f"row {at} on the way up"
    expect(rows.first.locator(".title a")).to_be_focused()


def test_the_walk_goes_on_where_it_was_after_a_swap(page: Page, product: Product) -> None:
    first, second, third = open_tickets(product, "swapped", 40, 50, 60)
    begin(page, product, "tag=swapped")
    page.keyboard.press("j")
    page.keyboard.press("j")
    (new,) = open_tickets(product, "swapped", 35)
    look_again(page)
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    expect_at(page, second)
    page.keyboard.press("k")
    expect_at(page, first)
    page.keyboard.press("k")
    expect_at(page, first)
    expect(row(page, new)).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect_at(page, third)


@pytest.mark.parametrize("held", ["shiftKey", "altKey", "ctrlKey", "metaKey"])
def test_with_a_modifier_they_are_no_keys(page: Page, product: Product, held: str) -> None:
    open_tickets(product, "held", 40)
    begin(page, product, "tag=held")
    # The browser would keep some of these for itself; the page is told all the same.
    page.locator("body").dispatch_event("keydown", {"key": "j", "bubbles": True, held: True})
    expect(page.locator("body")).to_be_focused()
    page.locator("body").dispatch_event("keydown", {"key": "j", "bubbles": True})
    expect(page.locator("#tickets .title a").first).to_be_focused()


def test_in_a_field_they_are_letters(page: Page, product: Product) -> None:
    (number,) = open_tickets(product, "typed", 40)
    begin(page, product, "tag=typed")
    search = page.get_by_label("Search in this queue")
    search.press_sequentially("jku/")
    expect(search).to_have_value("jku/")
    expect(search).to_be_focused()
    page.goto(f"{product.url}/tickets/{number}/")
    page.wait_for_load_state("load")
    page.locator("#comment-form textarea").press_sequentially("up")
    expect(page.locator("#comment-form textarea")).to_have_value("up")
    expect(page).to_have_url(re.compile(rf"/tickets/{number}/$"))


def test_who_has_switched_single_keys_off_walks_with_tab_only(page: Page, product: Product) -> None:
    open_tickets(product, "off", 40)
    begin(page, product, "tag=off")
    page.evaluate("document.documentElement.dataset.singleKeys = 'off'")
    page.keyboard.press("j")
    page.keyboard.press("/")
    expect(page.locator("body")).to_be_focused()


def test_slash_leads_to_the_search_box_which_opens_a_ticket_by_its_number(page: Page, product: Product) -> None:
    (number,) = open_tickets(product, "box", 40, title="Found by its number")
    page.goto(product.url)
    page.wait_for_load_state("load")
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Search tickets and runs")
    expect(box).to_be_focused()
    page.keyboard.type(f"inc-{number}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Found by its number")).to_be_visible()
    # A ticket has no filters of its own either.
    page.wait_for_load_state("load")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("found by its numb")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="All tickets")).to_be_visible()
    expect(row(page, number)).to_be_visible()


def test_slash_leads_to_the_filters_where_a_page_has_them(page: Page, product: Product) -> None:
    begin(page, product, "")
    page.keyboard.press("/")
    expect(page.get_by_label("Search in this queue")).to_be_focused()
