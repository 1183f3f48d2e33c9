"""The queue in a real browser: clocks that run, news that waits while somebody points at the list, cards on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.acting import pass_by
from tests.browser.conftest import SECONDS, listen
from tests.browser.product import Product
from tests.browser.test_looks import faults

NewContext = Callable[..., BrowserContext]
POLLED = 20  # seconds
# Tickets of tier 1, due in so many minutes (None: answered); somebody is on call, so that no banner stands over them.
OPEN = """
import datetime as dt
from django.utils import timezone
from incidents.actions.opening import Draft, open_ticket
from incidents.models import Ticket, Tier
from zbmaint.access.models import Person
Tier.objects.update(on_call=Person.objects.get(username="admin"))
for due in {dues}:
    draft = Draft(title={title!r}, reporter="member 12", severity={severity!r}, tags=({tag!r},))
    ticket = open_ticket(draft, actor=None)
    at = None if due is None else timezone.now() + dt.timedelta(minutes=due)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=at, due_clock="response" if at else "", at_risk_at=at)
    print(ticket.number)
"""
CHANGE = """
from incidents.models import Ticket
Ticket.objects.filter(number={number}).update(title={title!r}, version=99)
"""
SEEN_ROWS = """rows => rows.filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"""


def open_tickets(
    product: Product, tag: str, *dues: float | None, title: str = "It is broken", severity: str = "medium"
) -> list[int]:
    """Somebody opens tickets with a tag; their numbers."""
    printed = product.do(OPEN.format(dues=list(dues), title=title, severity=severity, tag=tag))
    return [int(number) for number in printed.split()]


def row(page: Page, number: int) -> Locator:
    return page.locator(f"#ticket-{number}")


def look_again(page: Page) -> None:
    """What the page does when its tab is seen again: it asks at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_the_time_left_runs_and_its_end_is_said(page: Page, product: Product) -> None:
    passing, running = open_tickets(product, "runs", 0.2, 20)
    page.goto(f"{product.url}/queue/1/?tag=runs")
    clock = row(page, running).locator("time.sla")
    before = clock.inner_text()
    assert re.fullmatch(r"1\dm \d\ds left", before.strip())
    expect(clock).not_to_have_text(before)
    expect(row(page, passing).locator("time.sla")).to_have_text(re.compile(r"\d+s over"), timeout=20 * SECONDS)
    expect(page.locator("#announcer")).to_have_text(f"INC-{passing} passed its response target")
    # Nobody points at the list, so that it goes under its heading by itself.
    expect(page.locator("tbody", has_text="Overdue").locator(f"#ticket-{passing}")).to_be_visible()


def test_new_tickets_wait_in_a_pill_while_somebody_points_at_the_list(page: Page, product: Product) -> None:
    first, second = open_tickets(product, "pill", 40, 50)
    page.clock.install()
    page.goto(f"{product.url}/queue/1/?tag=pill")
    row(page, first).hover()
    place = row(page, first).bounding_box()
    (new,) = open_tickets(product, "pill", 35)
    product.do(CHANGE.format(number=second, title="Worse than thought"))
    pill = page.get_by_role("button", name="1 new")
    expect(pill).to_be_hidden()
    pass_by(page, POLLED)
    expect(pill).to_be_visible()
    # What has changed is read in its place, and nothing has moved.
    expect(row(page, second)).to_contain_text("Worse than thought")
    expect(page.locator("#announcer")).to_contain_text("1 new")
    assert row(page, first).bounding_box() == place
    expect(row(page, new)).to_have_count(0)
    pill.click()
    expect(page.locator("tr[id^=ticket]").first).to_have_attribute("id", f"ticket-{new}")
    expect(pill).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/queue/1/\?tag=pill$"))


def test_what_waits_comes_by_itself_when_the_pointer_leaves(page: Page, product: Product) -> None:
    (first,) = open_tickets(product, "leave", 40)
    page.goto(f"{product.url}/queue/1/?tag=leave")
    row(page, first).hover()
    (new,) = open_tickets(product, "leave", 35)
    look_again(page)
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    page.mouse.move(5, 5)
    expect(row(page, new)).to_be_visible()
    expect(page.get_by_role("button", name="1 new")).to_be_hidden()


def test_the_focus_stays_on_a_row_that_is_swapped_and_nothing_moves_under_it(page: Page, product: Product) -> None:
    (first,) = open_tickets(product, "focus", 40)
    page.goto(f"{product.url}/queue/1/?tag=focus")
    link = row(page, first).get_by_role("link")
    link.focus()
    open_tickets(product, "focus", 35)
    product.do(CHANGE.format(number=first, title="Another title"))
    look_again(page)
    pill = page.get_by_role("button", name="1 new")
    expect(pill).to_be_visible()
    expect(link).to_have_text("Another title")
    expect(link).to_be_focused()
    # It is announced when it listens; htmx takes a moment after it is seen, and a key before that is lost.
    expect(page.locator("#announcer")).to_contain_text("1 new")
    # With the keyboard: the pill is pressed, and one goes on at the first row.
    for _ in ("the box of the row", "the box of all", "the pill"):
        page.keyboard.press("Shift+Tab")
    expect(pill).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("tr[id^=ticket] a").first).to_be_focused()
    expect(page.locator("tr[id^=ticket]")).to_have_count(2)


def test_filters_change_list_and_address_and_keys_lead_there(page: Page, product: Product) -> None:
    high = open_tickets(product, "filters", 40, severity="high", title="Password resets fail")[0]
    low = open_tickets(product, "filters", 30, severity="low")[0]
    page.goto(product.url)
    page.keyboard.press("g")
    page.keyboard.press("q")
    expect(page.get_by_role("heading", name="All tickets")).to_be_visible()
    page.get_by_label("Tag").select_option("filters")
    expect(row(page, low)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Severity").select_option("high")
    expect(row(page, low)).to_be_hidden()
    page.get_by_label("Search in this queue").fill("password re")
    expect(page).to_have_url(re.compile(r"/queue/all/\?q=password\+re&severity=high&tag=filters$"))
    expect(row(page, high)).to_be_visible()
    page.get_by_label("Search in this queue").fill("password x")
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    page.get_by_role("link", name="Remove filter Search: password x").click()
    expect(row(page, high)).to_be_visible()


def test_compact_rows_are_25_above_the_fold_and_comfortable_ones_40_pixels(page: Page, product: Product) -> None:
    open_tickets(product, "fold", *([-5] * 4), *([20] * 8), *([90] * 8), *([None] * 12))
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{product.url}/queue/1/")
    rows = page.locator("tr[id^=ticket]")
    assert rows.first.bounding_box()["height"] == 28  # type: ignore[index]  # it is visible
    assert rows.evaluate_all(SEEN_ROWS) >= 25
    page.get_by_role("main").get_by_text("Comfortable").click()
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")
    assert rows.first.bounding_box()["height"] == 40  # type: ignore[index]
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")
    page.get_by_role("main").get_by_text("Compact").click()
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-density", "compact")


def test_on_a_phone_tickets_are_cards_that_a_finger_can_press(new_context: NewContext, product: Product) -> None:
    long = "A question about the export of personal data with everything that was ever uploaded " * 2
    (number,) = open_tickets(product, "phone", 40, title=long.strip())
    size = {"width": 390, "height": 844}
    page = new_context(viewport=size, has_touch=True, is_mobile=True).new_page()
    complaints = listen(page)
    page.goto(f"{product.url}/queue/1/?tag=phone")
    card = row(page, number)
    box = card.bounding_box()
    assert box is not None
    assert box["width"] <= 390
    assert box["height"] > 80
    for part in (f"INC-{number}", "Medium", "left", "Open", "admin"):
        expect(card.get_by_text(part, exact=False).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert complaints == []


def test_it_is_accessible_quiet_and_no_wider_than_the_screen(page: Page, product: Product) -> None:
    tag, wrong = "looks", []
    open_tickets(product, tag, -5, 20, 90, None)
    for path in (f"all/?tag={tag}", f"1/?tag={tag}&status=any", "1/?q=nothing+like+it"):
        page.set_viewport_size({"width": 1440, "height": 1080})
        page.goto(f"{product.url}/queue/{path}")
        expect(page.locator("h1")).to_be_visible()
        wrong += faults(page)
    page.goto(f"{product.url}/queue/1/?tag={tag}")
    page.locator("tr[id^=ticket]").first.hover()
    open_tickets(product, tag, 10)
    look_again(page)
    expect(page.locator("#queue-pill")).to_be_visible()
    wrong += faults(page)
    assert wrong == []


def test_without_javascript_it_can_be_filtered_and_paged(new_context: NewContext, product: Product) -> None:
    open_tickets(product, "plain", *range(40, 95))
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{product.url}/queue/1/")
    page.get_by_label("Tag").select_option("plain")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tr[id^=ticket]")).to_have_count(50)
    page.get_by_role("link", name="After").click()
    expect(page.locator("tr[id^=ticket]")).to_have_count(5)
    page.get_by_role("link", name="Before").click()
    expect(page.locator("tr[id^=ticket]")).to_have_count(50)
    page.goto(f"{product.url}/queue/1/?severity=exploded")
    expect(page.get_by_text("There is no severity “exploded”.")).to_be_visible()
