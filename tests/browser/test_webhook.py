"""The report of a run on its way to the monitoring webhook, on the run's page."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import acting
from tests.browser.product import Product
from tests.receivers import Receiver, status


def test_it_is_followed_without_a_reload_and_sent_again_with_a_button(
    page: Page, product: Product, monitoring: Receiver
) -> None:
    before = len(monitoring.received)
    monitoring.answers = [status(500), status(200)]
    acting.start(page, product)
    acting.mark(page)
    acting.await_end(page)
    panel = page.get_by_role("region", name="Monitoring webhook")
    expect(panel).to_contain_text(re.compile(r"Delivered\s+\d+ s after the end .* at attempt 2\."), timeout=40_000)
    assert acting.is_same(page)
    panel.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("The report is sent to the monitoring webhook again.")).to_be_visible()
    expect(panel).to_contain_text("Delivered")
    seen = monitoring.received[before:]
    assert len(seen) == 3
    assert len({one.headers["X-Zbmaint-Delivery"] for one in seen}) == 1
