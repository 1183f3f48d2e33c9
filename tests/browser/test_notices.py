"""Notices in a real browser: found, sent again, stopped; and how somebody wants to be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser import acting
from tests.browser.acting import pass_by
from tests.browser.conftest import listen
from tests.browser.product import PASSWORD, Product
from tests.browser.test_keyboard import tab_to
from tests.browser.test_looks import faults
from tests.mailbox import Mailbox
from tests.waiting import until

NewContext = Callable[..., BrowserContext]
MAKE = """
from zbmaint.access.models import Person, Role
person = Person(username={name!r}, email="{name}@example.org", role=Role.objects.get(key="tier1"))
person.set_password({password!r})
person.save()
"""
POST = """
from django.db import transaction
from django.utils import timezone
from zbmaint.access.models import Person
from zbmaint.notifications import outbox
person = Person.objects.get(username={name!r})
with transaction.atomic():
    outbox.post_all([
        outbox.Message(
            kind="ticket.opened", event=f"ticket:{{number}}:1:opened", topic=f"ticket:{{number}}", transport="email",
            subject=f"New low incident: the shop is slow, {{number}}", payload={{"text": "It is slow."}},
            recipient=f"person:{{person.pk}}", person_id=person.pk, occurred_at=timezone.now(),
        )
        for number in range(7001, 7001 + {count})
    ])
"""
POLLED = 10  # seconds
NOBODY, LATER = "550 5.1.1 There is no such mailbox", "451 4.7.1 Come back later"


def make_person(product: Product, name: str) -> None:
    """Somebody with an address for e-mail."""
    product.do(MAKE.format(name=name, password=PASSWORD))


def write_to(product: Product, mail: Mailbox, name: str, *refusals: str) -> None:
    """Notices to somebody about tickets from 7001 on, to each of which the mail server says no."""
    mail.refuses["RCPT"] = list(refusals)
    product.do(POST.format(name=name, count=len(refusals)))
    until(lambda: not mail.refuses["RCPT"], 15, "the answers of the mail server")


def rows(page: Page) -> Locator:
    return page.locator("#notices tbody tr")


def show(page: Page, product: Product, name: str, tab: str) -> None:
    """The notices to somebody, by the filters of the page."""
    page.goto(f"{product.url}/notifications/")
    page.get_by_role("combobox", name="Person").select_option(label=name)
    expect(page).to_have_url(re.compile(r"\?person=\d+$"))
    page.get_by_role("navigation", name="Notices by state").get_by_role("link", name=re.compile(f"^{tab}")).click()
    expect(page.locator("nav.tabs [aria-current=page]")).to_contain_text(tab)


def await_rows(page: Page, count: int) -> None:
    """Until the list has so many rows; the page's clock passes meanwhile, since it reads itself anew."""

    def are_there() -> bool:
        pass_by(page, POLLED)
        return rows(page).count() == count

    until(are_there, 15, f"{count} rows")


@pytest.fixture
def told(new_context: NewContext, product: Product) -> Iterator[Page]:
    """The browser of somebody new, `told`, who has signed in."""
    make_person(product, "told")
    page = new_context(storage_state=None).new_page()
    complaints = listen(page)
    page.goto(f"{product.url}/login/?next=/profile/notices/")
    page.get_by_label("Username").fill("told")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="How I am told")).to_be_visible()
    yield page
    assert complaints == []


def test_those_given_up_are_found_and_sent_again(page: Page, product: Product, mail: Mailbox) -> None:
    make_person(product, "given.up")
    page.clock.install()
    write_to(product, mail, "given.up", NOBODY, NOBODY, NOBODY)
    show(page, product, "given.up", "Dead")
    await_rows(page, 3)
    expect(rows(page).first).to_contain_text("Dead after 1 try")
    expect(rows(page).first).to_contain_text("There is no such mailbox")
    # The filters, one after the other.
    page.get_by_role("combobox", name="Transport").select_option(label="Webhook")
    expect(page.get_by_role("heading", name="Nothing matches these filters")).to_be_visible()
    page.get_by_role("combobox", name="Transport").select_option(label="E-mail")
    await_rows(page, 3)
    page.keyboard.press("/")
    page.keyboard.type("7002")
    await_rows(page, 1)
    expect(rows(page).first).to_contain_text("INC-7002")
    expect(page).to_have_url(re.compile(r"ticket=7002"))
    # As slowly as people press: leaving the field must not take the list away under the pointer.
    rows(page).first.get_by_role("button", name="Resend").click(delay=400)
    expect(page.locator("#toasts")).to_contain_text("The notice is sent again.")
    show(page, product, "given.up", "Dead")
    await_rows(page, 2)
    # All of them: it asks first, and no is as near as yes.
    page.wait_for_load_state("load")
    every = page.get_by_role("link", name="Resend all")
    tab_to(page, every)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Resend 2 notices?")
    expect(dialog.get_by_role("button", name="Leave as they are")).to_be_focused()
    page.keyboard.press("Enter")
    expect(every).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Leave as they are")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("2 notices are sent again.")
    expect(page).to_have_url(re.compile(r"\?tab=dead&person=\d+$"))
    show(page, product, "given.up", "Sent")
    await_rows(page, 3)
    assert mail.recipients.count("given.up@example.org") == 3


def test_one_that_waits_is_stopped(page: Page, product: Product, mail: Mailbox) -> None:
    make_person(product, "to.stop")
    page.clock.install()
    write_to(product, mail, "to.stop", LATER)
    show(page, product, "to.stop", "Waiting")
    await_rows(page, 1)
    expect(rows(page).first).to_contain_text("Come back later")
    rows(page).first.get_by_role("button", name="Cancel").click()
    expect(page.locator("#toasts")).to_contain_text("The notice is not sent any more.")
    show(page, product, "to.stop", "Not sent")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text("Cancelled")


def test_somebody_says_how_they_are_told_and_tries_it(told: Page, product: Product, mail: Mailbox) -> None:
    channels = told.get_by_role("group", name="Another change of status")
    least = told.get_by_label("A new ticket: how bad it has to be")
    tab_to(told, channels.get_by_label("E-mail"))
    told.keyboard.press("Space")
    least.select_option(label="High and worse")
    told.get_by_label("Quiet from").fill("22:00")
    told.get_by_label("Quiet until").fill("06:00")
    told.get_by_role("button", name="Save").click()
    expect(told.locator("#toasts")).to_contain_text("How you are told is saved.")
    told.reload()
    expect(channels.get_by_label("E-mail")).not_to_be_checked()
    expect(least).to_have_value("high")
    expect(told.get_by_label("Quiet from")).to_have_value("22:00")
    told.get_by_role("button", name="Send me a test").click()
    expect(told.locator("#toasts")).to_contain_text("A test is on its way by 1 channel.")
    acting.mark(told)
    expect(told.locator("#own-log")).to_contain_text("Delivered in")
    assert acting.is_same(told)
    assert "told@example.org" in mail.recipients
    assert mail.subjects[-1].endswith("A test of your notices")
    assert faults(told) == []


def test_its_pages_are_accessible_quiet_and_no_wider_than_the_screen(
    page: Page, product: Product, mail: Mailbox
) -> None:
    make_person(product, "looked.at")
    page.clock.install()
    write_to(product, mail, "looked.at", NOBODY, NOBODY, LATER)
    show(page, product, "looked.at", "All")
    await_rows(page, 3)
    wrong = faults(page)
    page.set_viewport_size({"width": 1440, "height": 1080})
    show(page, product, "looked.at", "Dead")
    await_rows(page, 2)
    wrong += faults(page)
    page.set_viewport_size({"width": 1440, "height": 1080})
    page.get_by_role("link", name="Resend all").click()
    expect(page.get_by_role("dialog", name="Resend 2 notices?")).to_be_visible()
    wrong += faults(page)
    page.goto(f"{product.url}/notifications/resend/?tab=dead")
    wrong += faults(page)
    assert wrong == []
