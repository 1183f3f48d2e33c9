"""Every page in light and dark, on wide, middle and narrow screens: accessible, quiet, and no wider than the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import acting
from tests.browser.conftest import listen
from tests.browser.product import Product
from tests.maintenance.shops import Shop

RULES: dict[str, object] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # axe would copy style sheets with @import, such as Django admin's, into inline ones, which our policy refuses.
    "preload": False,
}
THEMES: dict[Literal["light", "dark"], dict[str, object]] = {
    "light": RULES,
    "dark": RULES | {"runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
VIOLATIONS = """rules => axe.run(document, rules)
  .then(({ violations }) => violations.map(({ id, nodes }) => `${id}, ${nodes[0].target}`))"""
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
# What fades in, or changes its colours, has less contrast on its way. (What spins never comes to an end, and what is
# in a closed part of the page would not come to it either.)
STILL = """document.getAnimations()
  .filter(animation => animation.effect.getComputedTiming().endTime !== Infinity)
  .forEach(animation => animation.finish())"""


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, on each width of screen, in the light and then in the dark.

    Themes differ in colours alone, so in the dark one only contrast is looked at.
    """
    found = []
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if width != MIDDLE:
            for theme, rules in THEMES.items():
                page.emulate_media(color_scheme=theme)
                page.evaluate(STILL)
                found += [f"{page.url} {width} {theme}: {one}" for one in page.evaluate(VIOLATIONS, rules)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{page.url} {width}: {wide} px too wide"] if wide > 0 else []
    page.emulate_media(color_scheme="light")
    return found


def test_every_page(new_context: Callable[..., BrowserContext], product: Product, shop: Shop) -> None:
    shop.fill("items", rows=3000, dead=2000)
    shop.fill('"Odd Schema; Table"', rows=3000, dead=2000)
    page = new_context().new_page()
    complaints = listen(page)
    acting.start(page, product, "shop")
    acting.await_end(page)
    wrong = faults(page)
    for path in PAGES:
        page.goto(product.url + path)
        expect(page.locator("h1").first).to_be_visible()
        wrong += faults(page)
    signed_out = new_context(storage_state=None).new_page()
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
