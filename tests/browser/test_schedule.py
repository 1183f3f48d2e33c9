"""The schedule page and the form of a schedule in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.acting import pass_by
from tests.browser.product import Product
from tests.browser.test_keyboard import tab_to
from tests.browser.test_looks import faults

NewContext = Callable[..., BrowserContext]
POLLED = 20  # seconds


@pytest.fixture
def schedule(page: Page, product: Product) -> Iterator[Page]:
    """The schedule page; afterwards nothing is paused any more."""
    page.clock.install()
    page.goto(f"{product.url}/schedule/")
    yield page
    page.goto(f"{product.url}/schedule/")
    for button in page.get_by_role("button", name=re.compile("^Resume")).all():
        button.click()


def pause(page: Page, name: str, reason: str) -> None:
    """Pause a schedule in the dialog, for a long time."""
    page.get_by_role("link", name=f"Pause {name}").click()
    dialog = page.get_by_role("dialog", name=f"Pause {name}?")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_label("Starts again on").fill("2099-01-01")
    dialog.get_by_role("button", name="Pause").click()
    expect(page.locator("#toasts").get_by_text(f"{name} is paused.")).to_be_visible()


def test_every_page_is_accessible_quiet_and_no_wider_than_the_screen(page: Page, product: Product) -> None:
    wrong = []
    page.goto(f"{product.url}/schedule/")
    for details in page.locator("#main details").all()[:2] + page.locator("#main details").all()[-1:]:
        details.locator("summary").click()
    wrong += faults(page)
    page.set_viewport_size({"width": 1440, "height": 1080})
    page.get_by_role("link", name="Freeze", exact=True).click()
    expect(page.get_by_role("dialog", name="Freeze maintenance?")).to_be_visible()
    wrong += faults(page)
    for path in ("/schedule/freezes/new/", "/schedule/weekly/pause/"):
        page.goto(product.url + path)
        wrong += faults(page)
    page.goto(f"{product.url}/admin/maintenance/schedule/")
    wrong += faults(page)
    page.set_viewport_size({"width": 1440, "height": 1080})
    page.get_by_role("link", name="Weekly maintenance").click()
    page.get_by_text("Terms").first.click()
    wrong += faults(page)
    for path in ("schedule/add/", "occurrence/", "scheduleversion/", "category/", "freeze/"):
        page.goto(f"{product.url}/admin/maintenance/{path}")
        wrong += faults(page)
    assert wrong == []


def test_pause_with_the_keyboard_and_resume(schedule: Page) -> None:
    link = schedule.get_by_role("link", name="Pause Monthly maintenance")
    tab_to(schedule, link)
    schedule.keyboard.press("Enter")
    dialog = schedule.get_by_role("dialog", name="Pause Monthly maintenance?")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    schedule.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    schedule.keyboard.press("Enter")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    schedule.keyboard.type("Storage moves")
    schedule.keyboard.press("Enter")
    expect(schedule.locator("#toasts").get_by_text("Monthly maintenance is paused.")).to_be_visible()
    expect(schedule.get_by_text(re.compile("Paused by admin, .*: Storage moves"))).to_be_visible()
    schedule.get_by_role("button", name="Resume Monthly maintenance").click()
    expect(schedule.locator("#toasts").get_by_text("Monthly maintenance goes on.")).to_be_visible()


def test_skip_one_time_and_take_it_back(schedule: Page) -> None:
    slot = schedule.locator("#part-agenda details", has_text="Daily maintenance").first
    slot.locator("summary").click()
    slot.get_by_role("link", name="Skip Log analysis and cleanup this once").click()
    dialog = schedule.get_by_role("dialog", name="Skip Log analysis and cleanup this once?")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    slot.get_by_role("link", name="Skip Log analysis and cleanup this once").click()
    dialog.get_by_label("Reason").fill("The log host moves")
    dialog.get_by_role("button", name="Skip").click()
    expect(schedule.locator("#toasts").get_by_text(re.compile("Log analysis and cleanup is skipped"))).to_be_visible()
    slot.locator("summary").click()
    expect(slot).to_contain_text("Skipped by admin: The log host moves")
    slot.get_by_role("button", name="Take back the skip of Log analysis and cleanup").click()
    expect(schedule.locator("#toasts").get_by_text(re.compile("Log analysis and cleanup is due again"))).to_be_visible()


def test_the_page_follows_what_others_do_keeps_what_is_open_and_does_not_move_under_the_pointer(
    schedule: Page, new_context: NewContext, product: Product
) -> None:
    opened = schedule.locator("#part-agenda details", has_text="Quarterly maintenance").or_(
        schedule.locator("#part-agenda details", has_text="Weekly maintenance")
    )
    opened.first.locator("summary").click()
    schedule.mouse.move(5, 5)
    schedule.locator("#row-daily th").hover()
    other = new_context().new_page()
    other.goto(f"{product.url}/schedule/")
    pause(other, "Weekly maintenance", "Seen from afar")
    pass_by(schedule, POLLED)
    # The table of schedules is under the pointer, so it stays; the agenda is not, and follows.
    agenda = schedule.locator("#part-agenda")
    expect(agenda).to_contain_text("Paused")
    expect(schedule.locator("#part-list")).not_to_contain_text("Seen from afar")
    expect(opened.first).to_have_attribute("open", "")
    expect(opened.first.locator("summary")).to_be_focused()
    schedule.mouse.move(5, 5)
    pass_by(schedule, POLLED)
    expect(schedule.locator("#part-list")).to_contain_text("Seen from afar")


def test_without_javascript_everything_works(new_context: NewContext, product: Product) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{product.url}/schedule/")
    page.get_by_role("link", name="Pause Quarterly maintenance").click()
    page.get_by_label("Reason").fill("No script")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#toasts").get_by_text("Quarterly maintenance is paused.")).to_be_visible()
    page.get_by_role("button", name="Resume Quarterly maintenance").click()
    expect(page.locator("#toasts").get_by_text("Quarterly maintenance goes on.")).to_be_visible()


def test_a_freeze_stands_on_every_page_until_it_is_lifted(schedule: Page, product: Product) -> None:
    schedule.get_by_role("link", name="Freeze", exact=True).click()
    dialog = schedule.get_by_role("dialog", name="Freeze maintenance?")
    dialog.get_by_label("Until").fill("2099-01-01T06:00")
    dialog.get_by_label("Reason").fill("Release 2026.4")
    dialog.get_by_role("button", name="Freeze").click()
    for path in ("/schedule/", "/", "/profile/", "/admin/"):
        schedule.goto(product.url + path)
        expect(schedule.get_by_text("Frozen until 1 Jan 2099, 06:00 UTC.")).to_be_visible()
    assert faults(schedule) == []
    schedule.goto(product.url)
    schedule.set_viewport_size({"width": 1440, "height": 1080})
    schedule.get_by_role("link", name="Lift the freeze: Release 2026.4").click()
    schedule.get_by_role("button", name="Lift the freeze").click()
    expect(schedule.locator("#toasts").get_by_text("The freeze is lifted.")).to_be_visible()
    expect(schedule.get_by_text("Frozen until")).to_be_hidden()


def test_run_now_leads_to_the_run(schedule: Page) -> None:
    schedule.get_by_role("button", name="Run Database maintenance (VACUUM, ANALYZE) now").click()
    expect(schedule).to_have_url(re.compile(r"/runs/\d+/$"))
    expect(schedule.get_by_role("heading", name="Database maintenance", exact=True)).to_be_visible()


def test_the_next_times_follow_what_is_typed_in_admin(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/admin/maintenance/schedule/add/")
    page.get_by_label("Name").press_sequentially("Night work")
    expect(page.get_by_label("Key")).to_have_value("night-work")
    page.get_by_label("When:").fill("first Sunday of the month at 04:00")
    expect(page.locator("#next-times li")).to_have_count(5)
    expect(page.locator("#next-times-of-form")).to_contain_text("At 04:00 on the first Sunday of the month")
    page.get_by_label("Time zone").fill("Africa/Harare")
    expect(page.locator("#next-times li").first).to_contain_text("02:00 UTC")
    expect(page.locator("#next-times li").first).to_contain_text("Sun 04:00 Africa/Harare")
    page.get_by_label("When:").fill("0 0 3 * * *")
    expect(page.locator("#next-times-of-form")).to_contain_text("A cron has five fields here")
    expect(page.locator("#next-times li")).to_have_count(0)
