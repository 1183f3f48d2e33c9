"""The charts of maintenance tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from maintenance.kpis import plotting, writing
from maintenance.kpis.chart import Cell, Chart, Link
from maintenance.kpis.figures import (
    Column,
    Words,
    counted,
    grain_of,
    leading,
    measured,
    over_time,
    percent_of,
    room,
    shared,
    span,
)
from maintenance.kpis.run_reading import Runs
from maintenance.kpis.series import RunPoint, Series

# What is behind each number of the results.
_RESULTS: Final = ("tasks_completed", "runs_failed", "runs_timed_out", "runs_lost", "occurrences_missed")
# A chart has room for so many tasks.
MOST_TASKS: Final = 12


def success(series: Series, link: Link) -> Chart:
    """The success rate, and with missed due times."""
    points, x = series.runs, plotting.moments(series.parts)
    known = [point for point in points if point.success is not None]
    traces = [
        plotting.line(
            "Missed counted",
            x,
            [percent_of(p.strict) for p in points],
            [f"{writing.share(p.strict)} with {p.missed:,} missed" for p in points],
            "ink-faint",
            dash="dash",
            customdata=leading(link, "success_rate_strict", series.parts, [p.strict for p in points]),
        ),
        plotting.line(
            "Success rate",
            x,
            [percent_of(p.success) for p in points],
            [f"{writing.share(p.success)} of {p.counted:,} runs" for p in points],
            "blue-fill",
            customdata=leading(link, "success_rate", series.parts, [p.success for p in points]),
        ),
    ]
    aim = 95
    layout = plotting.by_day(
        series.parts,
        {"ticksuffix": " %", "range": room([percent_of(p.strict) for p in points], aim)},
        **plotting.goal(aim),
    )
    worst = min((point.success for point in known if point.success is not None), default=None)
    return over_time(
        Words(
            "success",
            "Success rate",
            f"Of maintenance runs, by {grain_of(series.parts)}; target {aim} %",
            f"A line of the success rate of maintenance runs; the lowest is {writing.share(worst)}.",
        ),
        series.parts,
        plotting.as_json(traces, layout) if known else None,
        [
            Column("success_rate", "Success rate", "success_rate"),
            Column("runs", "Runs"),
            Column("success_rate_strict", "Missed counted", "success_rate_strict"),
            Column("missed", "Missed", "occurrences_missed"),
        ],
        [_success_row(point) for point in points],
        link=link,
    )


def _success_row(point: RunPoint) -> list[tuple[Cell, str]]:
    runs, missed = (None, None) if point.completed is None else (point.counted, point.missed)
    return [shared(point.success), counted(runs), shared(point.strict), counted(missed)]


def durations(series: Series, link: Link) -> Chart:
    """How long tasks took."""
    points, x = series.runs, plotting.moments(series.parts)
    known = [point for point in points if point.p50 is not None]
    largest = max((point.p95 or 0 for point in known), default=0)
    unit, seconds = ("hours", 3_600) if largest >= 7_200 else ("minutes", 60) if largest >= 120 else ("seconds", 1)
    scaled = [
        [None if v is None else v / seconds for v in vs] for vs in ([p.p95 for p in points], [p.p50 for p in points])
    ]
    traces = [
        plotting.line(
            "95th percentile",
            x,
            scaled[0],
            [f"{writing.length(p.p95)} 95th percentile" for p in points],
            "ink-faint",
            width=1.5,
            fill="tozeroy",
            fillcolor="@pressed",
            customdata=leading(link, "task_duration_p95_seconds", series.parts, scaled[0]),
        ),
        plotting.line(
            "Median",
            x,
            scaled[1],
            [f"{writing.length(p.p50)} median" for p in points],
            "blue-fill",
            customdata=leading(link, "task_duration_p50_seconds", series.parts, scaled[1]),
        ),
    ]
    layout = plotting.by_day(series.parts, {"rangemode": "tozero"})
    return over_time(
        Words(
            "durations",
            "Task duration",
            f"Median and 95th percentile, {unit}; of fewer than 20, the longest",
            f"Lines of the median and of the 95th percentile of task durations. {span([p.p50 for p in points])}",
        ),
        series.parts,
        plotting.as_json(traces, layout) if known else None,
        [
            Column("completed", "Completed", "tasks_completed"),
            Column("p50_seconds", "Median", "task_duration_p50_seconds"),
            Column("p95_seconds", "95th percentile", "task_duration_p95_seconds"),
            Column("mean_seconds", "Mean", "average_task_duration_seconds"),
        ],
        [[counted(p.completed), measured(p.p50), measured(p.p95), measured(p.mean)] for p in points],
        link=link,
    )


def results(found: Mapping[str, Runs], title_of: Callable[[str], str], link: Link) -> Chart:
    """What became of the runs of each task."""
    order = sorted(
        (key for key, runs in found.items() if runs.counted or runs.missed),
        key=lambda key: (-_bad(found[key]), -found[key].completed, key),
    )
    drawn = order[:MOST_TASKS][::-1]
    names = [title_of(key) for key in drawn]
    bad = [_bad(found[key]) for key in drawn]
    completed = [found[key].completed for key in drawn]
    words = [f"{number:,} not done" if number else "" for number in bad]
    traces = [
        plotting.bars(
            "Completed",
            completed,
            names,
            "line-control",
            "completed",
            orientation="h",
            customdata=[link("tasks_completed", task=key) for key in drawn],
        ),
        plotting.bars(
            "Failed, timed out, lost or missed",
            bad,
            names,
            "red-fill",
            "failed, timed out, lost or missed",
            orientation="h",
            text=words,
            textposition="outside",
            cliponaxis=False,
            customdata=[link("success_rate_strict", task=key) for key in drawn],
        ),
    ]
    longest = max((one + other for one, other in zip(bad, completed, strict=True)), default=0)
    layout = {
        "barmode": "stack",
        "bargap": 0.4,
        "legend": {"traceorder": "normal"},
        "xaxis": {"range": [0, longest * 1.15 or 1], "showgrid": True},
        "yaxis": {"showgrid": False, "dtick": 1},
    }
    left = len(order) - len(drawn)
    done, not_done = sum(found[key].completed for key in order), sum(_bad(found[key]) for key in order)
    return Chart(
        key="results",
        title="Maintenance results",
        note="By task, those with most failures first" + (f"; {left} more are in the figures" if left else ""),
        says=f"Bars of completed and failed runs of each task. {done:,} completed, {not_done:,} failed or missed.",
        figure=plotting.as_json(traces, layout) if order else None,
        columns=("task", "completed", "failed", "timed_out", "lost", "missed"),
        heads=("Task", "Completed", "Failed", "Timed out", "Lost", "Missed"),
        rows=[(key, *_results_of(found[key])) for key in order],
        written=[(title_of(key), *map(writing.number, _results_of(found[key]))) for key in order],
        links=[[link(kpi, task=key) for kpi in _RESULTS] for key in order],
    )


def _bad(runs: Runs) -> int:
    return runs.failed + runs.timed_out + runs.lost + runs.missed


def _results_of(runs: Runs) -> tuple[int, ...]:
    return runs.completed, runs.failed, runs.timed_out, runs.lost, runs.missed
