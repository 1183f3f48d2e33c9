"""The KPI page in a real browser: drawn by Plotly under our policy, themed, resized, filtered, drilled, printed."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.product import Product
from tests.browser.test_looks import faults

CHARTS = 8
# The panels that something stands out of.
CUT = "all => all.filter(panel => panel.scrollWidth > panel.clientWidth + 1).map(panel => panel.id)"
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


# Ranges that stick out of their form; tiles of which the line lies over the figure.
OUTSIDE = """all => all.filter(each => each.getBoundingClientRect().right
    > document.getElementById("range").getBoundingClientRect().right + 1).map(each => each.textContent)"""
OVERLAPPING = """all => all.filter(tile => {
  const figure = document.createRange();
  figure.selectNodeContents(tile.querySelector(".value"));
  return figure.getBoundingClientRect().right > tile.querySelector(".spark").getBoundingClientRect().left;
}).map(tile => tile.textContent)"""


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
    assert page.locator("#range .segmented a").evaluate_all(OUTSIDE) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_function("wide => document.querySelector('.main-svg').clientWidth === wide", arg=wide)
    assert page.locator(".tile:has(.spark)").evaluate_all(OVERLAPPING) == []
    assert page.locator(".tile .spark").count() > 2
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


def test_paper_has_room_for_every_column(page: Page, product: Product) -> None:
    product.do(HISTORY)
    # A4 within its margins.
    page.set_viewport_size({"width": 688, "height": 1000})
    page.emulate_media(media="print")
    page.goto(f"{product.url}/kpis/")
    expect(page.locator("#tiers tbody tr").first).to_be_visible()
    expect(page.locator("#tiers th.wide").first).to_be_visible()
    assert page.locator(".panel:has(> .table)").evaluate_all(CUT) == []


def test_a_point_and_its_table_lead_to_the_rows_behind_it(page: Page, product: Product) -> None:
    product.do(HISTORY)
    page.goto(f"{product.url}/kpis/?range=7&severity=high")
    drawn(page)
    days = page.locator("#flow tbody a").evaluate_all(
        "all => all.map(each => new URL(each.href).searchParams.get('to'))"
    )
    # The last bar, below the line: a click on it is one on what was opened that day.
    page.mouse.move(*middle(page.locator("#flow .bars .point").last))
    expect(page.locator("#flow .plot")).to_have_class(re.compile("plot--leads"))
    assert page.locator("#flow .nsewdrag").evaluate("each => getComputedStyle(each).cursor") == "pointer"
    page.mouse.click(*middle(page.locator("#flow .bars .point").last))
    expect(page.get_by_role("heading", name="Tickets opened", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/kpis/tickets_opened/\?from={days[-1]}&to={days[-1]}&severity=high$"))
    page.go_back()
    drawn(page)
    # A point of a tier and severity (all lie upon each other here).
    page.mouse.click(*middle(page.locator("#targets .scatterlayer .point").first))
    expect(page).to_have_url(re.compile(r"/kpis/response_compliance/\?\S+&tier=[123]&severity=high$"))
    expect(page.get_by_role("heading", name="Responses in target", exact=True)).to_be_visible()
    page.go_back()
    drawn(page)
    # The same by keyboard.
    page.locator("#figures-queue > summary").focus()
    page.keyboard.press("Enter")
    page.locator("#queue tbody a").last.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/kpis/backlog/\?from={days[-1]}&to={days[-1]}&tier=3&severity=high$"))


def middle(what: Locator) -> tuple[float, float]:
    """The middle of an element on the screen, once it stands there."""
    what.scroll_into_view_if_needed()
    box = what.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_point_leads_to_no_other_site(page: Page, product: Product) -> None:
    product.do(HISTORY)
    page.goto(f"{product.url}/kpis/?range=7")
    drawn(page)
    page.evaluate("""() => {
      const figure = document.getElementById("chart-flow");
      figure.textContent = figure.textContent.replaceAll("/kpis/", "//elsewhere.example/kpis/");
    }""")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("#flow .js-line").first).to_have_css("stroke", token(page, "blue-fill"))
    page.mouse.move(*middle(page.locator("#flow .bars .point").last))
    expect(page.locator("#flow .hoverlayer .hover, #flow .hoverlayer .legend").first).to_be_visible()
    page.mouse.click(*middle(page.locator("#flow .bars .point").last))
    expect(page.locator("#flow .plot")).not_to_have_class(re.compile("plot--leads"))
    assert "elsewhere" not in page.url


def test_without_plotly_a_chart_says_so_and_its_table_has_the_numbers(
    new_context: Callable[..., BrowserContext], product: Product
) -> None:
    product.do(HISTORY)
    page = new_context().new_page()
    page.route("**/plotly/*", lambda route: route.abort())
    page.goto(f"{product.url}/kpis/?range=7")
    words = page.locator("#flow .plot__words")
    expect(words).to_be_visible()
    expect(words).to_contain_text("could not be drawn: the script that draws it did not load")
    page.locator("#figures-flow > summary").click()
    expect(page.locator("#flow tbody tr")).to_have_count(7)
    assert faults(page) == []
