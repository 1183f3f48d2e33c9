from playwright.sync_api import Page, expect
from tests.browser.product import Product

def test_shots(page: Page, product: Product) -> None:
    from axe_playwright_python.sync_playwright import Axe
    for name, path in (("tier","/admin/incidents/tier/1/change/"),("tiers","/admin/incidents/tier/"),("cal","/admin/incidents/calendar/add/"),("rule","/admin/incidents/assignmentrule/add/"),("resp","/admin/incidents/responder/add/"),("cat","/admin/incidents/category/")):
        page.goto(product.url + path)
        page.screenshot(path=f"/tmp/shot-{name}.png", full_page=True)
        result = Axe().run(page)
        print(name, result.violations_count, result.generate_report() if result.violations_count else "")
    page.goto(product.url + "/admin/incidents/calendar/add/")
    page.get_by_label("Name").fill("Harare office")
    page.get_by_label("Monday").fill("17:00-08:00")
    page.get_by_label("Holidays").fill("Christmas")
    page.get_by_role("button", name="Save", exact=True).click()
    page.screenshot(path="/tmp/shot-calbad.png", full_page=True)
