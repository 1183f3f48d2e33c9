"""A night at the desk with the keyboard alone: from signing in to the last ticket resolved, no pointer anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import WIDE, listen
from tests.browser.product import PASSWORD, Product
from tests.browser.test_queue import look_again, open_tickets, row

NewContext = Callable[..., BrowserContext]
STATUSES = """
from incidents.models import Ticket
for each in Ticket.objects.filter(tags__contains=[{tag!r}]).order_by("number"):
    print(each.status, each.tier_id, each.resolution_code or "-")
"""


@pytest.fixture
def stranger(new_context: NewContext) -> Iterator[Page]:
    """A browser in which nobody has signed in."""
    page = new_context(viewport=WIDE, storage_state=None).new_page()
    complaints = listen(page)
    yield page
    assert complaints == []


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def expect_at(page: Page, number: int) -> None:
    expect(row(page, number).locator(".title a")).to_be_focused()


def answer(page: Page, title: str, *fields: str) -> None:
    """Fill in the question that is asked: choices by their first letters, texts as they are."""
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible()
    for text in fields:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the button that says no
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def expect_said(page: Page, text: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(text)
    page.wait_for_load_state("load")  # or the scripts do not listen yet


def test_ten_tickets_are_triaged_from_sign_in_to_resolved(stranger: Page, product: Product) -> None:
    numbers = open_tickets(product, "triage", *range(40, 50), title="Triage of the night")
    page = stranger
    page.goto(product.url)
    page.keyboard.type("admin")
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.wait_for_load_state("load")
    press(page, "g q")
    expect(page.get_by_role("heading", name="All tickets")).to_be_visible()
    page.wait_for_load_state("load")
    press(page, "/")
    page.keyboard.type("triage of the night")
    press(page, "Enter")
    expect_at(page, numbers[0])

    # All of them at once; who works with keys is where they were afterwards.
    press(page, "x" + " j x" * 9)
    expect(page.locator("#selected-count")).to_have_text("10 selected")
    press(page, "a")
    expect_said(page, "10 tickets acknowledged.")
    expect(page.locator("#tickets tbody :checked")).to_have_count(0)
    expect_at(page, numbers[9])

    # One on its own page, and back to the same list.
    press(page, "k " * 9)
    expect_at(page, numbers[0])
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Triage of the night")).to_be_visible()
    page.wait_for_load_state("load")
    press(page, "r")
    answer(page, f"Resolve INC-{numbers[0]}", "F", "It was restarted.")
    expect_said(page, f"INC-{numbers[0]} is resolved.")
    press(page, "u")
    expect(page.get_by_label("Search in this queue")).to_have_value("triage of the night")
    page.wait_for_load_state("load")

    # The next ones in the list: the row in focus, without choosing it.
    press(page, "j") if page.locator("body:focus").count() else None
    expect_at(page, numbers[1])
    press(page, "e")
    answer(page, f"Escalate INC-{numbers[1]}", "S", "Somebody was in.")
    expect_said(page, f"INC-{numbers[1]} escalated.")
    press(page, "r")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#tickets tbody :checked")).to_have_count(0)  # what a key had chosen for one deed alone

    # And all that are left, with one code and one note.
    press(page, "k " * 9)
    press(page, "x" + " j x" * 8)
    expect(page.locator("#selected-count")).to_have_text("9 selected")
    press(page, "r")
    answer(page, "Resolve 9 tickets", "F", "One cable, for all of them.")
    expect_said(page, "9 tickets resolved.")
    expect(page.get_by_role("heading", name="Nothing matches these filters")).to_be_visible()
    ended = product.do(STATUSES.format(tag="triage")).splitlines()
    assert [line.split()[0] for line in ended] == ["resolved"] * 10
    assert {line.split()[2] for line in ended} == {"fixed"}
    assert [line.split()[1] for line in ended].count("2") == 1


def test_chosen_rows_stay_chosen_while_they_read_anew_and_nothing_moves(page: Page, product: Product) -> None:
    first, second = open_tickets(product, "chosen", 40, 50)
    page.goto(f"{product.url}/queue/1/?tag=chosen")
    page.wait_for_load_state("load")
    press(page, "j x")
    page.locator("body").click(position={"x": 5, "y": 5})
    product.do(
        f"from incidents.models import Ticket; Ticket.objects.filter(number={first}).update(title='Worse', version=9)"
    )
    (new,) = open_tickets(product, "chosen", 35)
    look_again(page)
    expect(row(page, first)).to_contain_text("Worse")
    expect(row(page, first).get_by_role("checkbox")).to_be_checked()
    expect(row(page, first).get_by_role("checkbox")).to_have_value(f"{first}v9")
    expect(row(page, second).get_by_role("checkbox")).not_to_be_checked()
    # The new one waits, and whoever lets it in keeps what they have chosen.
    expect(row(page, new)).to_have_count(0)
    page.get_by_role("button", name="1 new").click()
    expect(row(page, new)).to_be_visible()
    expect(row(page, first).get_by_role("checkbox")).to_be_checked()
    expect(page.locator("#selected-count")).to_have_text("1 selected")
    press(page, "Escape")
    expect(page.locator("#tickets tbody :checked")).to_have_count(0)
    expect(page.get_by_role("toolbar", name="Selected tickets")).to_be_hidden()


def test_what_is_not_done_is_listed_and_leads_back(page: Page, product: Product) -> None:
    mine, theirs = open_tickets(product, "report", 40, 50, title="In the report")
    product.do(
        f"from incidents.actions.statuses import resolve; from zbmaint.access.models import Person; "
        f"resolve({theirs}, actor=Person.objects.get(username='admin'), code='fixed', note='x')"
    )
    page.goto(f"{product.url}/queue/all/?tag=report&status=any")
    page.wait_for_load_state("load")
    page.get_by_label("Select all tickets of this page").check()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("heading", name="1 of 2 tickets could not be acknowledged")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"INC-{theirs} In the report")
    expect(page.get_by_role("link", name="Back to the queue")).to_be_focused()
    press(page, "Enter")
    expect(row(page, mine)).to_contain_text("In progress")


def test_a_saved_view_stands_in_the_navigation_with_its_count(page: Page, product: Product) -> None:
    open_tickets(product, "kept", 40, 50)
    page.goto(f"{product.url}/queue/1/?tag=kept")
    page.wait_for_load_state("load")
    page.locator("#queue-views summary").click()
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Kept ones")
    press(page, "Enter")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Kept ones")
    expect(link).to_have_text("Kept ones2")
    expect(link).to_have_attribute("aria-current", "page")
    page.goto(product.url)
    link.click()
    expect(page.locator("#tickets tr[id^=ticket]")).to_have_count(2)
    page.locator("#queue-views summary").click()
    page.get_by_role("link", name="Remove “Kept ones”").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the view").click()
    expect_said(page, "The view “Kept ones” is removed.")
    expect(page.get_by_role("link", name="Kept ones")).to_have_count(0)
