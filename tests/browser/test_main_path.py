"""From signing in to a report, as a newcomer goes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser import acting
from tests.browser.conftest import WIDE, listen, sign_in
from tests.browser.product import Product
from tests.maintenance.shops import Shop
from tests.waiting import until


def test_a_newcomer_signs_in_runs_maintenance_now_and_takes_the_report_home(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]  # width and height
    page = context.new_page()
    complaints = listen(page)
    page.goto(product.url)
    sign_in(page)
    page.get_by_role("link", name="Run maintenance").first.click()
    page.get_by_role("button", name="Run now").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+/$"))
    acting.mark(page)
    verdict = acting.await_end(page)
    assert acting.is_same(page)
    acting.await_log(page)
    assert page.locator("#run-steps li[data-state=passed]").count() >= 5
    with page.expect_download() as download:
        page.get_by_role("link", name="Report as JSON").click()
    report = json.loads(Path(download.value.path()).read_text())
    number = int(page.url.split("/")[-2])
    assert download.value.suggested_filename == f"run-{number}.json"
    assert report["run"]["state"] in ("succeeded", "warning")
    assert report["run"]["verdict"] in verdict
    assert report["database"] == "zbmaint"
    page.goto(f"{product.url}/runs/")
    expect(page.get_by_role("link", name=f"Run {number},")).to_be_visible()
    context.close()
    assert complaints == []


def test_a_vacuum_is_watched_while_it_happens(page: Page, product: Product, shop: Shop) -> None:
    acting.fill(shop, tables=3, pages_a_second=30)
    acting.start(page, product, "shop")
    acting.mark(page)
    step = page.locator("#run-steps li[data-state=running]", has_text="items_").first
    expect(step).to_contain_text(re.compile(r"[\d,]+ of [\d,]+ pages"))
    expect(page.locator("#run-tables tr", has_text="Running").first).to_be_visible()
    bar = page.locator("#run-progress progress")
    first = int(bar.get_attribute("value") or 0)
    few = len(acting.lines(page))
    until(lambda: not bar.is_visible() or int(bar.get_attribute("value") or 0) > first, 30, "progress")
    verdict = acting.await_end(page)
    assert acting.is_same(page)
    assert "3 tables vacuumed" in verdict
    assert len(acting.lines(page)) > few
    acting.await_log(page)
    expect(page.locator("#run-tables tr", has_text="Vacuumed")).to_have_count(3)
    assert page.locator("#run-log").evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight") < 24


def test_after_the_end_the_page_asks_for_nothing_more(page: Page, product: Product) -> None:
    acting.start(page, product)
    acting.await_end(page)
    expect(page.locator("#run-poll")).to_have_attribute("data-ended", "")
    expect(page.get_by_role("region", name="Monitoring webhook")).to_contain_text("Delivered")
    page.wait_for_load_state("networkidle")
    assert questions(page) == []


def test_a_page_that_nobody_sees_asks_for_nothing_and_goes_on_when_seen(
    page: Page, product: Product, shop: Shop
) -> None:
    acting.fill(shop, tables=2, pages_a_second=60)
    acting.start(page, product, "shop")
    page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })")
    page.wait_for_load_state("networkidle")
    assert questions(page) == []
    page.evaluate("delete document.hidden")
    acting.await_end(page)


def questions(page: Page) -> list[str]:
    """What the page asks the server about runs within the next two seconds."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_function("start => performance.now() - start > 2000", arg=page.evaluate("performance.now()"))
    return [url for url in asked if "/runs/" in url]
