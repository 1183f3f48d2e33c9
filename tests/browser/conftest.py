"""A real browser on the real product, one for all of these tests: their modules share the xdist group `browser`.

Playwright keeps an event loop in this thread, so that nothing here may use Django's ORM; everything ends with
the package.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests.browser.product import PASSWORD, Product
from tests.mailbox import Mailbox, mailbox
from tests.maintenance.shops import Shop, clear_shop
from tests.receivers import Receiver, receiver
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.postgres import PostgresServer

# The same browser, first without windows: it opens a page in a tenth of the time.
CHROMIUM = next((path for path in map(shutil.which, ("chromium-headless-shell", "chromium")) if path), "chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SECONDS = 1000.0
WIDE = {"width": 1440, "height": 1080}
expect.set_options(timeout=15 * SECONDS)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def _shop(postgres18: PostgresServer) -> Iterator[Shop]:
    # The package may be begun more than once in a session: pytest orders tests by what they need.
    shop = Shop(postgres18, f"shop_browser_{uuid.uuid4().hex[:8]}")
    postgres18.create_database(shop.name)
    yield shop
    with postgres18.connect() as session:
        session.execute(f"DROP DATABASE {shop.name} WITH (FORCE)")


@pytest.fixture(scope="package")
def monitoring() -> Iterator[Receiver]:
    """The monitoring system that the product tells of its runs."""
    with receiver() as server:
        yield server


@pytest.fixture(scope="package")
def mail() -> Iterator[Mailbox]:
    """The mail server that the product sends by."""
    with mailbox() as server:
        yield server


@pytest.fixture(scope="package")
def product(_shop: Shop, monitoring: Receiver, mail: Mailbox) -> Iterator[Product]:
    """The product; its workers know the shop's database as `env:SHOP_URL`."""
    folder = temporary_directory("zbmaint-browser-")
    webhook = {"MONITORING_WEBHOOK_URL": monitoring.url(), "MONITORING_WEBHOOK_SECRET": "for tests"}
    ways = {"HTTP_ALLOWED_PRIVATE": "127.0.0.1", "EMAIL_URL": mail.url, **webhook}
    product = Product(folder, {"SHOP_URL": _shop.url(), **ways})
    yield product
    product.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
def signed_in(browser: Browser, product: Product) -> StorageState:
    """The cookies of somebody who has signed in as admin, and made the shop a target in Django admin."""
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]  # width and height
    page = context.new_page()
    page.goto(product.url)
    sign_in(page)
    page.goto(f"{product.url}/admin/maintenance/target/add/")
    page.get_by_label("Name").fill("shop")
    page.get_by_label("Title").fill("Browser shop")
    page.get_by_label("Reference").fill("env:SHOP_URL")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("PostgreSQL 18.")).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


def sign_in(page: Page) -> None:
    """Fill in the form that is shown."""
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


@pytest.fixture
def shop(_shop: Shop) -> Iterator[Shop]:
    """The shop's empty database."""
    yield _shop
    clear_shop(_shop)


@pytest.fixture
def new_context(browser: Browser, signed_in: StorageState) -> Iterator[Callable[..., BrowserContext]]:
    """`new_context(viewport=…)`: a signed-in browser of its own, closed after the test."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        given = {"viewport": WIDE, "storage_state": signed_in, **options}
        made.append(browser.new_context(**given))  # type: ignore[arg-type]  # Playwright's own options
        return made[-1]

    yield make
    for context in made:
        context.close()


def listen(page: Page) -> list[str]:
    """What the page complains of from now on: errors of scripts, of the console, of the content security policy."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A signed-in page, which fails the test if it complains."""
    page = new_context().new_page()
    complaints = listen(page)
    yield page
    assert complaints == []
