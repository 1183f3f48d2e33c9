"""Alert sources in a real browser: added with the keyboard, tested, and what they send that nobody understands."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import APIResponse, BrowserContext, Locator, Page, expect

from tests.browser import acting
from tests.browser.acting import pass_by
from tests.browser.conftest import listen
from tests.browser.product import Product
from tests.browser.test_keyboard import tab_to
from tests.browser.test_looks import faults
from tests.waiting import until

NewContext = Callable[..., BrowserContext]
POLLED = 5  # seconds
CLIPBOARD = ["clipboard-read", "clipboard-write"]
MAKE = """
from incidents.actions import source_tokens, sources
print(source_tokens.create(sources.create("generic", sources.SourceDetails({name!r}), actor=None), actor=None))
"""


def make_source(product: Product, name: str) -> str:
    """A source of plain JSON; its token."""
    return product.do(MAKE.format(name=name))


def deliver(page: Page, product: Product, token: str, body: dict[str, str]) -> APIResponse:
    """What the source sends."""
    headers = {"Authorization": f"Bearer {token}"}
    return page.request.post(f"{product.url}/hooks/generic", data=body, headers=headers)


def follow(page: Page, place: Locator, text: str) -> None:
    """Until `place` says so; the page's clock passes meanwhile, since the page reads itself anew."""

    def is_said() -> bool:
        pass_by(page, POLLED)
        return text in place.inner_text()

    until(is_said, 15, text)


def row(page: Page, delivery: int) -> Locator:
    return page.locator(f"#delivery-{delivery}")


def copied(page: Page, figure: str) -> str:
    """Press the button that copies what stands under a caption, and look what is in the clipboard."""
    button = page.locator("figure", has_text=figure).get_by_role("button", name="Copy")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Copied")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_one_is_added_set_up_and_tested_with_the_keyboard(new_context: NewContext, product: Product) -> None:
    page = new_context(permissions=CLIPBOARD).new_page()
    complaints = listen(page)
    page.clock.install()
    page.goto(f"{product.url}/sources/")
    tab_to(page, page.locator("#add-source"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Name"))
    page.keyboard.type("Build server")
    page.keyboard.press("Tab")
    page.keyboard.type("Gen")
    page.keyboard.press("Tab")
    tab_to(page, page.get_by_role("button", name="Add"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A token of Build server was created")).to_be_visible()
    token = copied(page, "Token")
    assert re.fullmatch(r"zbs_[\w-]{20,}", token)
    tab_to(page, page.get_by_role("link", name="Set up Build server"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Build server", exact=True)).to_be_visible()
    assert token not in page.content()
    expect(page.locator("#source-tokens")).to_contain_text(f"ends in {token[-4:]}")
    setup = copied(page, "Shell")
    assert setup == page.get_by_label("Commands that send an alert").text_content()
    assert f"{product.url}/hooks/generic" in setup
    # The test goes the way of a true alert; its page follows by itself.
    expect(page.locator("#source-state")).to_contain_text("Never used")
    tab_to(page, page.get_by_role("button", name="Send test alert"))
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("The test alert is stored as delivery")
    acting.mark(page)
    follow(page, page.locator("#source-recent"), "1 fired")
    ticket = page.locator("#source-tickets").get_by_role("link", name=re.compile("nothing is wrong"))
    expect(ticket).to_be_visible()
    expect(page.locator("#source-state")).to_contain_text("Receiving")
    assert acting.is_same(page)
    page.get_by_role("button", name="Clear it").click()
    follow(page, page.locator("#source-recent"), "1 resolved")
    # And what holds the token may deliver.
    assert deliver(page, product, token, {"title": "It is down", "severity": "low"}).status == 202
    assert complaints == []


def test_what_nobody_understands_is_tried_again_and_dismissed(page: Page, product: Product) -> None:
    token = make_source(product, "Mistaken")
    page.clock.install()
    answer = deliver(page, product, token, {"titel": "It is down"})
    delivery = answer.json()["delivery"]
    assert (answer.status, answer.json()["detail"][:18]) == (400, "`title` is missing")
    page.goto(f"{product.url}/sources/")
    expect(row(page, delivery)).to_contain_text("title is missing")
    expect(row(page, delivery)).to_contain_text("Mistaken, delivery")
    again = page.get_by_role("button", name=f"Try delivery {delivery} again")
    tab_to(page, again)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"Delivery {delivery} of Mistaken is read again.")
    # It has not become better, and comes back: to the page of its source as well.
    page.goto(f"{product.url}/sources/mistaken/")
    follow(page, page.locator("#source-recent"), "title is missing")
    dismiss = page.get_by_role("button", name=f"Dismiss delivery {delivery}")
    expect(dismiss).to_be_visible()
    page.goto(f"{product.url}/sources/")
    tab_to(page, dismiss)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"Delivery {delivery} of Mistaken is let be.")
    expect(page).to_have_url(f"{product.url}/sources/")
    expect(row(page, delivery)).to_have_count(0)
    page.get_by_role("link", name="Mistaken").click()
    expect(row(page, delivery)).to_contain_text("let be")
    expect(dismiss).to_have_count(0)


def test_their_pages_are_accessible_quiet_and_no_wider_than_the_screen(page: Page, product: Product) -> None:
    token = make_source(product, "Looked at")
    wrong = []
    page.clock.install()
    assert deliver(page, product, token, {"title": "A build of the shop failed", "severity": "low"}).status == 202
    delivery = deliver(page, product, token, {"status": "of-one-very-long-word" * 3}).json()["delivery"]
    page.goto(f"{product.url}/sources/")
    expect(row(page, delivery)).to_be_visible()
    wrong += faults(page)
    page.goto(f"{product.url}/sources/looked-at/")
    follow(page, page.locator("#source-tickets"), "A build of the shop failed")
    wrong += faults(page)
    page.set_viewport_size({"width": 1440, "height": 1080})
    page.get_by_role("link", name="Revoke token 1").click()
    expect(page.get_by_role("dialog", name="Revoke token 1 of Looked at?")).to_be_visible()
    wrong += faults(page)
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_label("Token", exact=True)).to_be_visible()
    wrong += faults(page)
    page.goto(f"{product.url}/sources/new/")
    wrong += faults(page)
    page.goto(f"{product.url}/sources/")
    page.get_by_role("button", name=f"Dismiss delivery {delivery}").click()
    assert wrong == []
