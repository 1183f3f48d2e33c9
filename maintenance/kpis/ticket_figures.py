"""The charts of tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from maintenance.kpis import plotting, writing
from maintenance.kpis.chart import Cell, Chart, Link
from maintenance.kpis.figures import Column, Words, counted, grain_of, leading, measured, over_time, room, span
from maintenance.kpis.series import Series, TicketPoint, tiers_of
from maintenance.rules.ratios import ratio

_SEVERITIES: Final = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
_LOOKS: Final = {1: ("circle", "ink"), 2: ("square", "blue-fill"), 3: ("diamond", "ink-faint")}
AIM: Final = 95
# Severity, tier, the share in target, how many were, of how many.
_Target = tuple[str, int, float | None, int, int]


def flow(series: Series, link: Link) -> Chart:
    """Tickets opened and resolved."""
    points, x = series.tickets, plotting.moments(series.parts)
    known = [point for point in points if point.opened is not None]
    opened, resolved = sum(point.opened or 0 for point in known), sum(point.resolved or 0 for point in known)
    traces = [
        plotting.bars(
            "Opened",
            x,
            [point.opened for point in points],
            "line-control",
            "opened",
            customdata=leading(link, "tickets_opened", series.parts, [point.opened for point in points]),
        ),
        plotting.line(
            "Resolved",
            x,
            [point.resolved for point in points],
            [f"{writing.number(point.resolved)} resolved" for point in points],
            "blue-fill",
            customdata=leading(link, "tickets_resolved", series.parts, [point.resolved for point in points]),
        ),
    ]
    layout = plotting.by_day(series.parts, {"rangemode": "tozero"}, bargap=0.5)
    return over_time(
        Words(
            "flow",
            "Tickets opened and resolved",
            f"By {grain_of(series.parts)}",
            f"Bars of tickets opened and a line of tickets resolved. {opened:,} opened, {resolved:,} resolved.",
        ),
        series.parts,
        plotting.as_json(traces, layout) if known else None,
        [Column("opened", "Opened", "tickets_opened"), Column("resolved", "Resolved", "tickets_resolved")],
        [[counted(point.opened), counted(point.resolved)] for point in points],
        link=link,
    )


def queue(series: Series, link: Link) -> Chart:
    """The backlog by tier."""
    tiers, x = tiers_of(series.queue), plotting.moments(series.parts)
    looks = {1: ("ink", "solid"), 2: ("blue-fill", "solid"), 3: ("ink-faint", "dot")}
    left = [[None if found is None else found.get(tier, 0) for found in series.queue] for tier in tiers]
    traces = [
        plotting.line(
            f"Tier {tier}",
            x,
            numbers,
            [f"Tier {tier}: {writing.number(number)}" for number in numbers],
            looks.get(tier, ("ink-muted", "dash"))[0],
            dash=looks.get(tier, ("ink-muted", "dash"))[1],
            customdata=leading(link, "backlog", series.parts, numbers, tier=tier),
        )
        for tier, numbers in zip(tiers, left, strict=True)
    ]
    layout = plotting.by_day(series.parts, {"rangemode": "tozero"}, showlegend=True)
    last = next((found for found in reversed(series.queue) if found is not None), {})
    return over_time(
        Words(
            "queue",
            "Queue by tier",
            f"Tickets open at the end of the {grain_of(series.parts)}",
            "Lines of the tickets open in each tier. "
            f"At the end {', '.join(f'{last.get(tier, 0):,} in tier {tier}' for tier in tiers) or 'none'}.",
        ),
        series.parts,
        plotting.as_json(traces, layout) if tiers else None,
        [Column(f"tier_{tier}", f"Tier {tier}", "backlog", tier) for tier in tiers],
        [[counted(numbers[at]) for numbers in left] for at in range(len(x))],
        link=link,
    )


def times(series: Series, link: Link) -> Chart:
    """MTTA and MTTR."""
    points, x = series.tickets, plotting.moments(series.parts)
    known = any(point.mtta is not None or point.mttr is not None for point in points)
    traces = [
        plotting.line(
            name,
            x,
            [None if value is None else max(value, 1) for value in values],
            [
                f"{writing.length(value)} {word}, {writing.number(number)} tickets"
                for value, number in zip(values, of, strict=True)
            ],
            colour,
            dash=dash,
            customdata=leading(link, kpi, series.parts, values),
        )
        for kpi, name, word, colour, dash, values, of in (
            (
                "mttr_median_seconds",
                "To resolve",
                "to resolve",
                "ink-faint",
                "dash",
                [p.mttr for p in points],
                [p.ended for p in points],
            ),
            (
                "mtta_median_seconds",
                "To acknowledge",
                "to acknowledge",
                "blue-fill",
                "solid",
                [p.mtta for p in points],
                [p.answered for p in points],
            ),
        )
    ]
    layout = plotting.by_day(series.parts, plotting.lengths_axis())
    return over_time(
        Words(
            "times",
            "Time to acknowledge and to resolve",
            "Medians; steps of the axis are factors",
            f"Lines of the median time to acknowledge and to resolve. {span([p.mtta for p in points])}",
        ),
        series.parts,
        plotting.as_json(traces, layout) if known else None,
        [
            Column("mtta_median_seconds", "To acknowledge", "mtta_median_seconds"),
            Column("answered", "Answered"),
            Column("mttr_median_seconds", "To resolve", "mttr_median_seconds"),
            Column("resolved", "Resolved"),
        ],
        [_times_row(point) for point in points],
        link=link,
    )


def _times_row(point: TicketPoint) -> list[tuple[Cell, str]]:
    return [measured(point.mtta), counted(point.answered), measured(point.mttr), counted(point.ended)]


def targets(found: Mapping[tuple[int, str], tuple[int, int]], link: Link) -> Chart:
    """Responses in target by tier and severity; `found` has how many were in time and late."""
    tiers = sorted({tier for tier, _ in found})
    rows = [
        (severity, tier, ratio(met, met + missed), met, met + missed)
        for severity in _SEVERITIES
        for tier in tiers
        for met, missed in [found.get((tier, severity), (0, 0))]
        if met + missed
    ]
    below = [f"{severity} in tier {tier}" for severity, tier, share, *_ in rows if 100 * (share or 0) < AIM]
    return Chart(
        key="targets",
        title="Responses in target",
        note=f"By severity and tier; target {AIM} %",
        says="The share of responses in target for each severity and tier. "
        + (f"Below the target: {', '.join(below)}." if below else "None is below the target."),
        figure=plotting.as_json([_dots(tier, rows, link) for tier in tiers], _targets_layout(rows)) if rows else None,
        columns=("severity", "tier", "response_compliance", "in_target", "decided"),
        heads=("Severity", "Tier", "In target", "Answered in time", "Of"),
        rows=rows,
        written=[
            (_SEVERITIES[severity], f"Tier {tier}", writing.share(share), writing.number(met), writing.number(of))
            for severity, tier, share, met, of in rows
        ],
        links=[["", _decided(link, tier, severity), "", ""] for severity, tier, *_ in rows],
    )


def _decided(link: Link, tier: int, severity: str) -> str:
    return link("response_compliance", tier=tier, severity=severity)


def _dots(tier: int, rows: Sequence[_Target], link: Link) -> plotting.Trace:
    symbol, colour = _LOOKS.get(tier, ("cross", "ink-muted"))
    mine = [row for row in rows if row[1] == tier]
    return {
        "type": "scatter",
        "mode": "markers",
        "orientation": "h",
        "name": f"Tier {tier}",
        "x": [100 * (share or 0) for _, _, share, _, _ in mine],
        "y": [_SEVERITIES[severity] for severity, *_ in mine],
        "text": [
            f"{_SEVERITIES[severity]}, tier {tier}: {writing.share(share)} of {of:,}"
            for severity, _, share, _, of in mine
        ],
        "marker": {"symbol": symbol, "size": 10, "color": f"@{colour}", "line": {"width": 1.5, "color": "@surface"}},
        "hovertemplate": "%{text}<extra></extra>",
        "customdata": [_decided(link, tier, severity) for severity, *_ in mine],
    }


def _targets_layout(rows: Sequence[_Target]) -> dict[str, Any]:
    there = {severity for severity, *_ in rows}
    return {
        "showlegend": True,
        # Tiers that do as well as one another stand side by side, not over each other.
        "scattermode": "group",
        "scattergap": 0.25,
        "xaxis": {"range": room([100 * (row[2] or 0) for row in rows], AIM), "ticksuffix": " %", "showgrid": True},
        "yaxis": {
            "showgrid": True,
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [word for severity, word in _SEVERITIES.items() if severity in there],
            # The worst severity stands at the top, and in each the first tier.
            "autorange": "reversed",
        },
        **plotting.goal(AIM, upright=True),
    }
