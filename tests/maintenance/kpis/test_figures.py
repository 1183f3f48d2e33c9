"""What Plotly makes of our figures, and what our style sheets have for them."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import plotly.graph_objects as go
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from maintenance.kpis import figures, plotting, task_figures, ticket_figures
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.chart import Chart
from maintenance.kpis.period import Period
from maintenance.kpis.run_reading import Runs
from maintenance.kpis.series import RunPoint, Series, TicketPoint, UptimePoint

LAST = dt.date(2026, 4, 5)


def series(number: int, *, known: bool = True) -> Series:
    """So many days, of which every third is unknown."""
    parts = Period.until(LAST, number).parts()
    told = [known and at % 3 > 0 for at in range(len(parts))]
    return Series(
        parts,
        [
            TicketPoint(part, 9, 4, 7, 6 / 7, 8, 0.0, 4, 9_000.5) if yes else TicketPoint(part)
            for part, yes in zip(parts, told, strict=True)
        ],
        [{1: 4, 3: 1} if yes else None for yes in told],
        {(1, "high"): (7, 3), (3, "low"): (4, 0)} if known else {},
        [
            RunPoint(part, 8, 9, 1, 8 / 9, 0.8, 61.25, 400.0, 80.0) if yes else RunPoint(part)
            for part, yes in zip(parts, told, strict=True)
        ],
        [UptimePoint(part, 0.999996, 0.9) if yes else UptimePoint(part) for part, yes in zip(parts, told, strict=True)],
    )


def charts(drawn: Series, *, known: bool = True) -> list[Chart]:
    runs = {"log_rotation": Runs(succeeded=8, failed=1), "<b>": Runs(lost=2)} if known else {}
    return [
        ticket_figures.flow(drawn, link),
        ticket_figures.targets(drawn.targets, link),
        ticket_figures.queue(drawn, link),
        ticket_figures.times(drawn, link),
        task_figures.results(runs, str, link),
        task_figures.success(drawn, link),
        task_figures.durations(drawn, link),
        figures.uptime(drawn, "", 0.999, link),
    ]


def link(key: str, part: Period | None = None, /, **narrowed: str | int) -> str:
    """As pages have it, in short."""
    query = {**({"from": part.first, "to": part.last} if part else {}), **narrowed}
    return f"/kpis/{key}/?{urlencode(query)}"


def tokens(value: Any) -> set[str]:
    """The colours that a figure names."""
    if isinstance(value, str):
        return {value[1:]} if value.startswith("@") else set()
    if isinstance(value, dict):
        value = list(value.values())
    return set().union(*map(tokens, value)) if isinstance(value, list) else set()


def painted(value: Any) -> Any:
    """The figure with any colour for each of ours."""
    if isinstance(value, dict):
        return {key: painted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [painted(each) for each in value]
    return "#123456" if isinstance(value, str) and value.startswith("@") else value


@pytest.mark.parametrize("number", [1, 30, 90, 365, 1_000])
def test_plotly_accepts_every_figure_and_our_sheet_has_its_colours(number: int) -> None:
    ours = set(re.findall(r"--([a-z-]+):", Path(settings.BASE_DIR, "static/css/tokens.css").read_text()))
    for chart in charts(series(number)):
        if number == 1 and chart.key not in ("targets", "results"):
            assert chart.figure is None  # of the only day nothing is known
            continue
        assert chart.figure is not None
        figure = json.loads(chart.figure)
        go.Figure(painted(figure))  # raises on a name or a value that Plotly does not know
        assert tokens(figure) <= ours, chart.key


@pytest.mark.parametrize("number", [1, 30, 365])
def test_a_table_has_the_numbers_that_are_drawn(number: int) -> None:
    for chart in charts(series(number)):
        assert len(chart.rows) == len(chart.written)
        assert {len(row) for row in chart.rows} <= {len(chart.columns)}
        assert {len(row) for row in chart.written} <= {len(chart.heads)}
        assert chart.table.count("<tr>") == len(chart.rows)
    drawn = series(30)
    flow = json.loads(ticket_figures.flow(drawn, link).figure or "")
    assert [row[2] for row in ticket_figures.flow(drawn, link).rows] == flow["data"][0]["y"]
    assert [row[3] for row in ticket_figures.flow(drawn, link).rows] == flow["data"][1]["y"]


@pytest.mark.parametrize(("number", "named"), [(2, 2), (4, 4), (5, None), (365, None)])
def test_few_days_are_each_named_once(number: int, named: int | None) -> None:
    axis = json.loads(ticket_figures.flow(series(number), link).figure or "")["layout"]["xaxis"]
    assert (len(set(axis["tickvals"])) if "tickvals" in axis else None) == named


def test_tiers_that_do_as_well_as_one_another_are_both_seen() -> None:
    found = {(tier, "high"): (9, 1) for tier in (1, 2, 3)}
    figure = json.loads(ticket_figures.targets(found, link).figure or "")
    assert [trace["x"] for trace in figure["data"]] == [[90.0]] * 3
    # Plotly then sets them off from each other, along the axis of severities.
    assert figure["layout"]["scattermode"] == "group"
    assert {trace["orientation"] for trace in figure["data"]} == {"h"}


@pytest.mark.parametrize("number", [30, 365])
def test_every_point_leads_to_the_rows_behind_it_and_so_does_its_table(number: int) -> None:
    drawn = series(number)
    for chart in charts(drawn):
        linked = {each for row in chart.links for each in row if each}
        assert {len(row) for row in chart.links} == {len(chart.heads) - 1}
        assert set(re.findall(r'href="([^"]+)"', html.unescape(chart.table))) == linked
        for trace in json.loads(chart.figure or "")["data"]:
            places = trace["x"] if trace.get("orientation") != "h" else trace["y"]
            values = trace["y"] if trace.get("orientation") != "h" else trace["x"]
            for place, value, path in zip(places, values, trace["customdata"], strict=True):
                assert (path is None) == (value is None), chart.key
                if path is None:
                    continue
                key, query = path.removeprefix("/kpis/").split("/?")
                assert key in KPIS
                if chart.key in ("results", "targets"):
                    assert set(dict(parse_qsl(query))) == ({"task"} if chart.key == "results" else {"tier", "severity"})
                    assert chart.key == "results" or path in linked
                else:
                    assert dict(parse_qsl(query))["from"] == place
                    assert path in linked


def test_a_line_of_a_tier_leads_to_what_was_left_in_it() -> None:
    chart = ticket_figures.queue(series(2), link)
    assert chart.links[-1] == [
        "/kpis/backlog/?from=2026-04-05&to=2026-04-05&tier=1",
        "/kpis/backlog/?from=2026-04-05&to=2026-04-05&tier=3",
    ]
    assert chart.links[0] == ["", ""]


def test_without_anything_known_nothing_is_drawn_and_the_words_say_why() -> None:
    for chart in charts(series(30, known=False), known=False):
        assert chart.figure is None
        assert chart.empty


def test_a_name_cannot_end_the_element_that_holds_the_figure() -> None:
    chart = task_figures.results({"</script><b>": Runs(lost=2)}, str, link)
    assert chart.data.count("<") == 2
    assert "&lt;/script&gt;" in chart.table


def test_a_day_between_gaps_is_seen() -> None:
    x = plotting.moments(Period.until(LAST, 60).parts())
    gaps = plotting.line("Line", x, [None, 1.0, None] * 20, x, "ink")
    whole = plotting.line("Line", x, [1.0] * 60, x, "ink")
    assert (gaps["mode"], whole["mode"]) == ("lines+markers", "lines")


def test_pages_stop_the_style_elements_that_this_plotly_would_add() -> None:
    found = finders.find("plotly/plotly.min.js")
    assert isinstance(found, str)
    plotly = Path(found).read_text()
    head = Path(settings.BASE_DIR, "templates/ui/charts_head.html").read_text()
    assert set(re.findall(r'id="([0-9a-f]{64})"', head)) == set(
        re.findall(r'getElementById\("([0-9a-f]{64})"\)', plotly)
    )
    assert '"plotly.js-style-"+' in plotly
    assert 'matches(".no-inline-styles")' in plotly


def test_of_its_package_only_plotly_itself_is_served() -> None:
    served = [
        name
        for finder in finders.get_finders()
        for name, storage in finder.list([])
        if getattr(storage, "prefix", "") == "plotly"
    ]
    assert served == ["plotly.min.js"]
    assert finders.find("plotly/plotly.min.js", find_all=True) != []
    assert finders.find("plotly/datasets/iris.csv.gz") is None
