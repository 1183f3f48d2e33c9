"""Every page in light and dark, on wide, middle and narrow screens: accessible, quiet, and no wider than the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import acting
from tests.browser.conftest import listen
from tests.browser.product import Product
from tests.maintenance.shops import Shop

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # axe would copy style sheets with @import, such as Django admin's, into inline ones, which our policy refuses.
    "preload": False,
}
PAGES = (
    "/",
    "/runs/",
    "/runs/new/",
    "/findings/",
    "/profile/",
    "/profile/notices/",
    "/notifications/",
    "/admin/",
    "/admin/maintenance/target/add/",
    "/admin/incidents/ticket/",
    "/admin/incidents/tier/1/change/",
    "/admin/incidents/calendar/add/",
    "/admin/incidents/assignmentrule/add/",
    "/admin/incidents/responder/add/",
)
MIDDLE = 1024  # has the parts of the wide screen, side by side or one below the other
SIZES = ((1440, 1080), (MIDDLE, 844), (390, 844))
# What fades in has less contrast on its way; what spins never comes to an end.
STILL = """Promise.allSettled(document.getAnimations()
  .filter(animation => animation.effect.getComputedTiming().endTime !== Infinity)
  .map(animation => animation.finished))"""


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, on each width of screen.

    Themes differ in colours alone, so in the dark one only contrast is looked at: the rest is seen in the light.
    """
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    rules = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast"]}} if dark else RULES
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(STILL)
        if width != MIDDLE:
            violations = Axe().run(page, options=rules).response["violations"]
            found += [f"{page.url} {width}: {one['id']}, {one['nodes'][0]['target']}" for one in violations]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{page.url} {width}: {wide} px too wide"] if wide > 0 else []
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page(new_context: Callable[..., BrowserContext], product: Product, shop: Shop, theme: str) -> None:
    shop.fill("items", rows=3000, dead=2000)
    shop.fill('"Odd Schema; Table"', rows=3000, dead=2000)
    page = new_context(color_scheme=theme).new_page()
    complaints = listen(page)
    acting.start(page, product, "shop")
    acting.await_end(page)
    wrong = faults(page)
    for path in PAGES:
        page.goto(product.url + path)
        expect(page.locator("h1").first).to_be_visible()
        wrong += faults(page)
    signed_out = new_context(color_scheme=theme, storage_state=None).new_page()
    complaints_before = listen(signed_out)
    signed_out.goto(f"{product.url}/login/")
    wrong += faults(signed_out)
    assert wrong == []
    assert complaints + complaints_before == []


def test_a_run_at_work_with_its_dialog_open(page: Page, product: Product, shop: Shop) -> None:
    acting.fill(shop, tables=2, pages_a_second=2)
    acting.start(page, product, "shop")
    acting.await_vacuum(shop)
    expect(page.locator("#run-tables")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Cancel run").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Cancel run").click()
    acting.await_end(page, 30)
