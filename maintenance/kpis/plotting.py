"""What all figures of Plotly have in common: colours by token, one look, axes of days."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, Final

from maintenance.kpis.period import Period

Trace = dict[str, Any]
Numbers = Sequence[float | int | None]
FEW: Final = 4
# A tick for each length of time on an axis whose steps are factors.
_LENGTHS: Final = {
    1: "1 s",
    10: "10 s",
    60: "1 min",
    600: "10 min",
    3_600: "1 h",
    36_000: "10 h",
    259_200: "3 days",
    2_592_000: "30 days",
    31_536_000: "1 year",
}


def as_json(traces: Sequence[Trace], layout: dict[str, Any]) -> str:
    """The figure as Plotly draws it, and as its package would write it, which would take longer than to read it: tests
    let the package have a look at each."""
    figure = {"data": traces, "layout": {**layout, "template": {}}}
    return json.dumps(figure, separators=(",", ":"), allow_nan=False)


def line(name: str, x: Sequence[str], y: Numbers, said: Sequence[str], colour: str, **more: Any) -> Trace:
    """A line with a gap where nothing is known; `said` is what stands beside the pointer."""
    width = more.pop("width", 2)
    dash = more.pop("dash", "solid")
    return {
        "type": "scatter",
        # A single day between gaps has no line: it is a dot.
        "mode": "lines+markers" if len(x) < 40 or _lonely(y) else "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "text": list(said),
        "line": {"color": f"@{colour}", "width": width, "dash": dash},
        "marker": {"size": 5, "color": f"@{colour}"},
        "connectgaps": False,
        "hovertemplate": "%{text}<extra></extra>",
        **more,
    }


def bars(name: str, x: Sequence[Any], y: Sequence[Any], colour: str, unit: str, **more: Any) -> Trace:
    """Bars, upright or (with `orientation`) lying."""
    axis = "x" if more.get("orientation") == "h" else "y"
    return {
        "type": "bar",
        "name": name,
        "x": list(x),
        "y": list(y),
        "marker": {"color": f"@{colour}"},
        "hovertemplate": f"%{{{axis}:,}} {unit}<extra></extra>",
        **more,
    }


def days_axis(parts: Sequence[Period]) -> dict[str, Any]:
    """The axis of a period, cut into `parts`. Where there are few, Plotly would name a day more than once."""
    few = {"tickvals": moments(parts)} if len(parts) <= FEW else {}
    form = "%-d %b" if parts[-1].last.year == parts[0].first.year else "%-d %b %Y"
    return {"type": "date", "tickformat": form, **few}


def by_day(parts: Sequence[Period], yaxis: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The layout of what goes over the parts of a period."""
    return {"hovermode": "x unified", "xaxis": days_axis(parts), "yaxis": yaxis, **more}


def moments(parts: Sequence[Period]) -> list[str]:
    """Where each part stands on that axis."""
    return [part.first.isoformat() for part in parts]


def lengths_axis() -> dict[str, Any]:
    """An axis of seconds by factors: what takes minutes and what takes days are both seen."""
    return {"type": "log", "tickvals": list(_LENGTHS), "ticktext": list(_LENGTHS.values())}


def goal(value: float, *, upright: bool = False, text: str = "Target") -> dict[str, Any]:
    """A dotted line at what is aimed at, with its word, for a layout."""
    along, across = ("x", "y") if upright else ("y", "x")
    return {
        "shapes": [
            {
                "type": "line",
                f"{along}0": value,
                f"{along}1": value,
                f"{across}ref": "paper",
                f"{across}0": 0,
                f"{across}1": 1,
                "line": {"color": "@ink-muted", "width": 1, "dash": "dot"},
            }
        ],
        "annotations": [
            {
                along: value,
                across: 1,
                f"{across}ref": "paper",
                "xanchor": "center" if upright else "right",
                "yanchor": "bottom" if upright else "top",
                "text": text,
                "showarrow": False,
            }
        ],
    }


def name_of(part: Period) -> str:
    """A part for a table: 5 Apr 2026, or 30 Mar to 5 Apr 2026."""
    if part.days == 1:
        return _day(part.first)
    first = f"{part.first.day} {part.first:%b}" if part.first.year == part.last.year else _day(part.first)
    return f"{first} to {_day(part.last)}"


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"


def _lonely(y: Numbers) -> bool:
    """Whether any value stands between gaps."""
    padded = [None, *y, None]
    return any(
        here is not None and before is None and after is None
        for before, here, after in zip(padded, padded[1:], padded[2:], strict=False)
    )
