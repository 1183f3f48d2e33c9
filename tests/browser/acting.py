"""What people do with the pages of runs, and what they see there."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.product import Product
from tests.maintenance.shops import Shop
from tests.waiting import until

ENDED = re.compile(r"^Run \d+ (succeeded|warning|failed|timed out|cancelled|lost|skipped|not configured),")


def start(page: Page, product: Product, target: str = "zbmaint") -> int:
    """Run database maintenance on a target from the runs list; its number."""
    page.goto(f"{product.url}/runs/")
    page.get_by_role("link", name="Run maintenance").first.click()
    page.get_by_label("Target").select_option(target)
    page.get_by_role("button", name="Run now").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+/$"))
    return int(page.url.split("/")[-2])


def lines(page: Page) -> list[int]:
    """The numbers of the log lines on the page, from top to bottom."""
    found = page.locator("#run-log-lines > li").evaluate_all("lines => lines.map(line => Number(line.id.slice(1)))")
    return [int(number) for number in found]


def written(page: Page) -> list[str]:
    """The log as it is downloaded."""
    answer = page.request.get(f"{page.url.split('?')[0]}log.txt")
    return answer.text().splitlines()


def await_end(page: Page, seconds: float = 90) -> str:
    """Wait for the run's end on the page, without touching it; the verdict."""
    expect(page).to_have_title(ENDED, timeout=seconds * 1000)
    expect(page.locator("#run-verdict")).to_be_visible()
    return page.locator("#run-verdict").inner_text()


def await_log(page: Page) -> None:
    """Wait for the last lines of an ended run; every line must be there once, in order."""
    until(lambda: len(lines(page)) >= len(written(page)), 10, "the last lines")
    assert lines(page) == list(range(1, len(written(page)) + 1))


def pass_by(page: Page, seconds: int) -> None:
    """Let the page's own clock go on by so much at once: what it does by itself after that time, it does now.

    Its clock must have been installed (`page.clock.install()`) before the page was loaded.
    """
    page.clock.fast_forward(seconds * 1000)


def mark(page: Page) -> None:
    """Mark the document, to see later whether it is still the same one."""
    page.evaluate("window.marked = true")


def is_same(page: Page) -> bool:
    """Whether the page has not been loaded anew since `mark`."""
    return bool(page.evaluate("window.marked === true"))


def working(shop: Shop) -> list[str]:
    """What the sessions of any run execute in the shop's database now."""
    with shop.connect() as session:
        rows = session.execute(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() "
            "AND starts_with(application_name, 'zbmaint:run-') AND state = 'active'"
        )
        return [row["query"] for row in rows]


def await_vacuum(shop: Shop) -> None:
    """Wait until the server is in the middle of a VACUUM of a run."""
    until(lambda: any(query.startswith("VACUUM") for query in working(shop)), 30, "a VACUUM on the server")


def fill(shop: Shop, tables: int, pages_a_second: int) -> None:
    """Give the shop some tables that need a vacuum, and a server that takes its time with it."""
    for number in range(1, tables + 1):
        shop.fill(f"items_{number}", rows=3000, dead=2000)
    shop.slow_vacuum(pages_a_second)
