"""Tickets in real browsers: two people at once, the keyboard, a reload, a phone, no JavaScript, both themes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from tests.browser.acting import pass_by
from tests.browser.conftest import WIDE, listen
from tests.browser.product import PASSWORD, Product
from tests.browser.test_looks import faults

SignIn = Callable[..., Page]
PEOPLE = {"a.moyo": "1", "t.ncube": "1", "k.dlamini": "2"}
POLLED = 20  # seconds


@pytest.fixture(scope="module")
def states(browser: Browser, product: Product, signed_in: StorageState) -> dict[str, StorageState]:
    """The cookies of two people of tier 1 and one of tier 2, whom the admin has added."""
    admin = browser.new_context(storage_state=signed_in).new_page()
    found = {}
    for username, tier in PEOPLE.items():
        admin.goto(f"{product.url}/admin/access/person/add/")
        admin.locator("[name=username]").fill(username)
        admin.locator("[name=role]").select_option(label=f"Tier {tier}")
        admin.locator("[name=tier]").select_option(tier)
        admin.locator("[name=new_password]").fill(PASSWORD)
        admin.get_by_role("button", name="Save", exact=True).click()
        expect(admin.get_by_text("was added successfully")).to_be_visible()
        context = browser.new_context()
        page = context.new_page()
        page.goto(product.url)
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        found[username] = context.storage_state()
        context.close()
    admin.context.close()
    return found


@pytest.fixture
def as_person(browser: Browser, states: dict[str, StorageState]) -> Iterator[SignIn]:
    """`as_person("a.moyo", viewport=…)`: a page in a browser of their own, which fails the test if it complains."""
    made: list[BrowserContext] = []
    complaints: list[list[str]] = []

    def sign_in(username: str, **options: object) -> Page:
        given = {"viewport": WIDE, "storage_state": states[username], **options}
        made.append(browser.new_context(**given))  # type: ignore[arg-type]  # Playwright's own options
        page = made[-1].new_page()
        complaints.append(listen(page))
        return page

    yield sign_in
    for context in made:
        context.close()
    # A refusal answers 409 or 422 on purpose, and the browser's console repeats that.
    said = [text for each in complaints for text in each if not re.search(r"status of (409|422)", text)]
    assert said == []


def open_ticket(page: Page, product: Product, title: str, severity: str = "high") -> str:
    """Open a ticket with the keyboard's way in; its address."""
    page.goto(product.url)
    page.keyboard.press("c")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Severity").select_option(severity)
    page.get_by_role("button", name="Create ticket").click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    page.wait_for_load_state()  # from then on its keys are heard
    return page.url


def clock(page: Page, title: str) -> str:
    """What the clock of that name says."""
    return page.locator("#ticket-clocks > li", has=page.get_by_role("heading", name=title)).inner_text()


def toast(page: Page, text: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(text)


def test_of_two_who_claim_at_once_one_gets_it_and_the_other_is_told_who(as_person: SignIn, product: Product) -> None:
    one, other = as_person("a.moyo"), as_person("t.ncube")
    address = open_ticket(one, product, "Claimed by two")
    other.goto(address)
    for page in (one, other):
        expect(page.get_by_role("button", name="Claim")).to_be_visible()
    one.keyboard.press("a")
    toast(one, "is yours, and in progress")
    other.keyboard.press("a")
    toast(other, "a.moyo has it already.")
    expect(other.locator("#ticket-details")).to_contain_text("a.moyo")
    expect(other.get_by_role("button", name="Claim")).to_have_count(0)


def test_a_page_learns_by_itself_what_others_do(as_person: SignIn, product: Product) -> None:
    one, other = as_person("a.moyo"), as_person("t.ncube")
    other.clock.install()
    other.goto(open_ticket(one, product, "Followed by two"))
    one.get_by_label("Add a comment").fill("It is **slow**")
    one.get_by_role("button", name="Comment", exact=True).click()
    mine = one.get_by_role("article", name="Comment by a.moyo")
    expect(mine.locator("strong", has_text="slow")).to_be_visible()
    expect(one.get_by_label("Add a comment")).to_have_value("")
    one.keyboard.press("Escape")
    one.locator("#main").focus()
    one.keyboard.press("a")
    toast(one, "is yours")
    pass_by(other, POLLED)
    expect(other.get_by_role("article", name="Comment by a.moyo")).to_be_visible()
    expect(other.locator("#ticket-marks")).to_contain_text("In progress")
    expect(other.locator("#ticket-next")).to_contain_text("a.moyo has it.")
    # Each entry stands there once, on both.
    for page in (one, other):
        ids = page.locator("#activity > li[id]").evaluate_all("rows => rows.map(row => row.id)")
        assert len(ids) == len(set(ids))


def test_nothing_moves_under_the_pointer(as_person: SignIn, product: Product) -> None:
    one, other = as_person("a.moyo"), as_person("t.ncube")
    other.goto(open_ticket(one, product, "Claimed under the pointer"))
    other.get_by_label("More actions").click()
    one.keyboard.press("a")
    toast(one, "is yours")
    with other.expect_response("**/activity/**") as answer:
        other.evaluate("document.body.dispatchEvent(new CustomEvent('activity'))")
    assert answer.value.status == 200
    expect(other.locator("#ticket-marks")).to_contain_text("In progress")
    expect(other.get_by_role("link", name="Pause")).to_be_visible()
    expect(other.get_by_role("button", name="Claim")).to_be_visible()
    # Whoever leaves them alone sees them as they are now.
    other.locator("#ticket-title").click()
    expect(other.get_by_role("button", name="Claim")).to_have_count(0)
    other.get_by_role("link", name="Resolve").click()
    expect(other.get_by_role("dialog", name=re.compile("Resolve INC-"))).to_be_visible()


def test_of_two_who_edit_the_loser_sees_both_values_and_keeps_the_text(as_person: SignIn, product: Product) -> None:
    one, other = as_person("a.moyo"), as_person("t.ncube")
    address = open_ticket(one, product, "Edited by two")
    for page in (one, other):
        page.goto(f"{address}edit/")
    one.get_by_label("Title").fill("Edited by the first")
    one.get_by_label("Severity").select_option("low")
    one.get_by_role("button", name="Save").click()
    toast(one, "is saved")
    other.get_by_label("Title").fill("Edited by the second")
    other.get_by_label("Description").fill("A long text that nobody types twice")
    other.get_by_role("button", name="Save").click()
    clash = other.get_by_role("row", name="Title")
    expect(clash).to_contain_text("Edited by the second")
    expect(clash).to_contain_text("Edited by the first")
    expect(clash).to_contain_text("by a.moyo")
    expect(other.get_by_label("Title")).to_have_value("Edited by the second")
    expect(other.get_by_label("Description")).to_have_value("A long text that nobody types twice")
    # What the loser has not touched is as the first has made it.
    expect(other.get_by_label("Severity")).to_have_value("low")
    assert faults(other) == []
    other.get_by_role("button", name="Save anyway").click()
    expect(other.get_by_role("heading", name="Edited by the second")).to_be_visible()
    expect(other.locator("#ticket-marks")).to_contain_text("Low")


def test_escalated_and_handed_back_both_clocks_are_right(as_person: SignIn, product: Product) -> None:
    one, two = as_person("a.moyo"), as_person("k.dlamini")
    address = open_ticket(one, product, "Handed up and down", "critical")
    assert re.search(r"14m \d\ds left", clock(one, "Tier 1"))
    assert "Not started" in clock(one, "Tier 2")
    one.keyboard.press("a")
    toast(one, "is yours")
    assert "Met in" in clock(one, "Tier 1")
    one.keyboard.press("e")
    dialog = one.get_by_role("dialog", name=re.compile("Escalate INC-"))
    expect(dialog).to_contain_text("Technical support gets 30 min to respond to a critical ticket.")
    dialog.get_by_role("button", name="Escalate").click()
    # What is missing is said on a page, with what was chosen.
    expect(one.get_by_text("Choose a criterion.").first).to_be_visible()
    one.get_by_label("Criterion").select_option("System outages")
    one.get_by_label("Reason").fill("The relay is **down**")
    one.get_by_role("button", name="Escalate").click()
    toast(one, "is escalated to tier 2")
    two.goto(address)
    assert re.search(r"29m \d\ds left", clock(two, "Tier 2"))
    assert "Met in" in clock(two, "Tier 1")
    before = clock(two, "Overall")
    two.keyboard.press("a")
    toast(two, "is yours")
    two.get_by_label("More actions").click()
    two.get_by_role("link", name="Hand back to tier 1").click()
    two.get_by_label("Criterion").select_option("Password resets")
    two.get_by_label("Reason").fill("Mended")
    two.get_by_role("dialog").get_by_role("button", name="Hand back").click()
    toast(two, "is handed back to tier 1")
    assert "Met in" in clock(two, "Tier 2")
    # The tier that gets it has its full target again, and what passes over all goes on.
    assert re.search(r"14m \d\ds left", clock(two, "Tier 1"))
    assert clock(two, "Overall") != before
    expect(two.locator("#ticket-stays li")).to_have_count(3)


def test_what_is_being_written_is_compared_kept_and_sent_once(as_person: SignIn, product: Product) -> None:
    page = as_person("a.moyo")
    open_ticket(page, product, "Gateway timeout at checkout")
    page.keyboard.press("c")
    page.get_by_label("Title").press_sequentially("checkout gateway ti")
    like = page.locator("#similar")
    expect(like.get_by_role("link", name="Gateway timeout at checkout").first).to_be_visible()
    page.get_by_label("Severity").select_option("critical")
    expect(page.get_by_text("Critical: tier 1 responds within 15 min.")).to_be_visible()
    page.get_by_label("Description").fill("Half written")
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("checkout gateway ti")
    expect(page.get_by_label("Severity")).to_have_value("critical")
    expect(page.get_by_label("Description")).to_have_value("Half written")
    page.get_by_label("Title").fill("Sent twice, opened once")
    page.get_by_role("button", name="Create ticket").dblclick()
    expect(page.get_by_role("heading", name="Sent twice, opened once")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("c")
    # It was sent: the next one begins empty.
    expect(page.get_by_label("Title")).to_have_value("")
    page.get_by_label("Title").fill("Sent twice opened once")
    expect(like.get_by_role("link", name="Sent twice, opened once")).to_have_count(1)


def test_a_comment_that_cannot_be_sent_stays_in_the_box(as_person: SignIn, product: Product) -> None:
    page = as_person("a.moyo")
    open_ticket(page, product, "Commented in words")
    box = page.get_by_label("Add a comment")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("Write something: what did you find").first).to_be_visible()
    box.fill("Half a thought")
    page.reload()
    expect(box).to_have_value("Half a thought")


def test_without_javascript_everything_works(as_person: SignIn, product: Product) -> None:
    page = as_person("a.moyo", java_script_enabled=False)
    page.goto(f"{product.url}/tickets/new/")
    page.get_by_role("button", name="Create ticket").click()
    expect(page.get_by_text("Enter a title: one sentence on what does not work.").first).to_be_visible()
    page.get_by_label("Title").fill("No script")
    page.get_by_role("button", name="Create ticket").click()
    page.get_by_role("button", name="Claim").click()
    page.get_by_label("Add a comment").fill("Said without it")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("article", name="Comment by a.moyo")).to_contain_text("Said without it")
    page.get_by_role("link", name="Resolve").click()
    page.get_by_label("How it ended").select_option("fixed")
    page.get_by_label("What fixed it").fill("Nothing")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator("#ticket-marks")).to_contain_text("Resolved")


def test_its_pages_are_accessible_quiet_and_no_wider_than_the_screen(as_person: SignIn, product: Product) -> None:
    page = as_person("a.moyo")
    page.goto(f"{product.url}/tickets/new/")
    wrong = faults(page)
    page.get_by_role("button", name="Create ticket").click()
    expect(page.get_by_text("The ticket was not created.")).to_be_visible()
    wrong += faults(page)
    address = open_ticket(page, product, "Looked at, with_a_name_that_has_no_space_in_it_and_goes_on_for_long")
    page.get_by_label("Add a comment").fill("| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n" + "x" * 200 + "\n```")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("article", name="Comment by a.moyo")).to_be_visible()
    wrong += faults(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="Escalate to tier 2").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    wrong += faults(page)
    page.goto(f"{address}edit/")
    wrong += faults(page)
    assert wrong == []


def test_on_a_phone_it_is_answered_with_a_thumb(as_person: SignIn, product: Product) -> None:
    page = as_person("a.moyo", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(product.url)
    page.get_by_role("link", name="New ticket").tap()
    page.get_by_label("Title").fill("From the train")
    page.get_by_role("button", name="Create ticket").tap()
    expect(page.get_by_role("heading", name="From the train")).to_be_visible()
    # What to do, and by when, is seen without scrolling.
    for seen in (page.get_by_role("button", name="Claim"), page.locator("#ticket-next")):
        expect(seen).to_be_in_viewport()
    page.get_by_role("button", name="Claim").tap()
    toast(page, "is yours")
    page.get_by_role("link", name="Resolve").tap()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How it ended").select_option("answered")
    dialog.get_by_label("What fixed it").fill("Told them")
    dialog.get_by_role("button", name="Resolve").tap()
    expect(page.locator("#ticket-marks")).to_contain_text("Resolved")
