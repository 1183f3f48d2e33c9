"""The KPI page in a real browser: drawn by Plotly under our policy, themed, resized, filtered, drilled, printed."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.product import Product
from tests.browser.test_looks import faults

CHARTS = 8
# Runs of yesterday, which the triggers note and rolling puts together; days of tickets and services as they are rolled.
HISTORY = """
import datetime as dt
from django.utils import timezone
from incidents.models import TicketDay
from maintenance.models import Probe, Run, ServiceDay
from zbmaint.rollup import rolling
from zbmaint.rollup.spread import pack
now = timezone.now()
ended = now - dt.timedelta(days=1)
for state in ("succeeded", "warning", "failed"):
    Run.objects.create(task="log_rotation", state=state, origin="schedule", timeout_seconds=60, queued_at=ended,
                       started_at=ended, finished_at=ended + dt.timedelta(seconds=40))
probe = Probe.objects.earliest("pk")
for number in range(1, 31):
    day = now.date() - dt.timedelta(days=number)
    for tier in range(4):
        for severity in ("", "high"):
            TicketDay.objects.get_or_create(day=day, tier=tier, severity=severity, defaults=dict(
                opened=9, received=9, resolved=5 + number % 4, responses_met=8, responses_missed=1, open=number,
                answers=pack([60, 90]), resolutions=pack([4000])))
    for service in (0, probe.pk):
        ServiceDay.objects.get_or_create(day=day, probe=service, defaults=dict(
            up=86_000_000_000, net_up=86_000_000_000, down=number * 1_000_000, net_down=number * 1_000_000))
rolling.roll_stale(now)
"""


def drawn(page: Page) -> Locator:
    """The charts, all of them drawn."""
    charts = page.locator(".js-plotly-plot .main-svg:first-of-type")
    expect(charts).to_have_count(CHARTS)
    return charts


def colour(page: Page, what: str) -> str:
    return str(page.locator(what).first.evaluate("element => getComputedStyle(element).stroke"))


def token(page: Page, name: str) -> str:
    """What a colour of ours is now."""
    return str(
        page.evaluate(
            """name => {
              const probe = document.body.appendChild(document.createElement("span"));
              probe.style.color = `var(--${name})`;
              const seen = getComputedStyle(probe).color;
              probe.remove();
              return seen;
            }""",
            name,
        )
    )


def test_drawn_themed_resized_filtered_drilled_and_printed(page: Page, product: Product) -> None:
    product.do(HISTORY)
    page.emulate_media(color_scheme="light")
    page.goto(product.url)
    page.keyboard.press("g")
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="KPIs", exact=True)).to_be_visible()
    charts = drawn(page)
    assert faults(page) == []
    # Colours are those of the theme.
    line = "#queue .js-line >> nth=1"
    light = token(page, "blue-fill")
    expect(page.locator(line)).to_have_css("stroke", light)
    page.emulate_media(color_scheme="dark")
    dark = token(page, "blue-fill")
    assert dark != light
    expect(page.locator(line)).to_have_css("stroke", dark)
    # They are as wide as there is room.
    page.set_viewport_size({"width": 1440, "height": 900})
    wide = float(charts.first.evaluate("svg => svg.clientWidth"))
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function("wide => document.querySelector('.main-svg').clientWidth < wide - 50", arg=wide)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_function("wide => document.querySelector('.main-svg').clientWidth === wide", arg=wide)
    # Paper is light and has one width, whatever the screen has.
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(line)).to_have_css("stroke", light)
    assert set(charts.evaluate_all("all => all.map(svg => svg.getAttribute('width'))")) == {"640"}
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("#range")).to_be_hidden()
    expect(page.locator("#queue details")).to_be_hidden()
    lefts = page.locator(".chart").evaluate_all("all => all.map(chart => chart.getBoundingClientRect().left)")
    assert len(set(lefts)) == 1
    page.emulate_media(media="screen", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(line)).to_have_css("stroke", dark)
    # The same numbers stand in a table, and in a file.
    page.locator("#figures-queue > summary").click()
    rows = page.locator("#queue tbody tr")
    expect(rows).to_have_count(30)
    expect(rows.last.locator("td").first).to_have_text("1")
    # A filter is in the address, and draws anew.
    page.get_by_role("combobox", name="Tier").focus()
    page.get_by_role("combobox", name="Tier").select_option("2")
    expect(page).to_have_url(re.compile(r"/kpis/\?tier=2$"))
    drawn(page)
    expect(page.locator("#queue .legendtext")).to_have_text(["Tier 2"])
    expect(page.get_by_role("combobox", name="Tier")).to_be_focused()
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url(re.compile(r"/kpis/\?range=7&tier=2$"))
    drawn(page)
    # From a figure to its rows, and to one of them.
    made_of = page.get_by_role("link", name=re.compile(r"^Tasks completed: \d+ runs"))
    said = re.search(r"[\d,]+(?= runs)", made_of.inner_text())
    made_of.click()
    expect(page.get_by_role("heading", name="Tasks completed", exact=True)).to_be_visible()
    expect(page.locator("#rows tbody tr")).to_have_count(int(said[0]) if said else 0)
    assert faults(page) == []
    page.locator("#rows a", has_text="Log rotation").first.click()
    expect(page.get_by_role("heading", name=re.compile("Log rotation"))).to_be_visible()
