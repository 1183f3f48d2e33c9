"""`app_metrics`: the numbers of every application, and of the product's own processes beside them, kept."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone

from maintenance.actions import app_metrics as metrics
from maintenance.actions.app_metrics import Measured
from maintenance.connectors.application import read_numbers
from maintenance.connectors.problems import ConnectionProblem
from maintenance.models import Target
from maintenance.rules.amounts import count
from maintenance.rules.prometheus_text import FIGURES
from maintenance.task import Context, Outcome, Task

OWN: Final = ("own", "Measure zbmaint's own processes and database")
TARGETS: Final = ("targets", "Ask the applications")
SECONDS: Final = 10.0


def run(context: Context) -> Outcome:
    """Measure and keep. Report: `sources` (figures by source), `silent` (what was wrong, by target)."""
    now = timezone.now()
    sources: dict[str, dict[str, float]] = {}
    with context.step(*OWN) as step:
        if context.dry_run:
            step.finish("skipped", "A dry run keeps nothing.")
        else:
            sources |= metrics.keep_own(now)
            step.finish("passed", count(len(sources), "source"))
    context.overall(20)
    targets = list(Target.objects.active().filter(kind=Target.Kind.APPLICATION).order_by("name"))
    silent: dict[str, str] = {}
    with context.step(*TARGETS) as step:
        for target in targets:
            context.check()
            figures, wrong = _ask(context, target)
            if figures:
                sources[target.name] = figures
                if not context.dry_run:
                    metrics.keep([Measured(target.name, now, figures)])
            if wrong:
                silent[target.name] = wrong
        step.finish("warning" if silent else "passed", _note(len(targets), silent))
    _state(context, sources)
    context.report(measured_at=now.isoformat(timespec="seconds"), sources=sources, silent=silent)
    context.overall(100)
    measured = f"{count(len(sources), 'source')} measured"
    if silent:
        return Outcome("warning", f"{measured}. Not well: {', '.join(silent)}.")
    without = "" if targets else " There is no application target: add one to measure the platform itself."
    return Outcome("succeeded", f"{measured}.{without}")


def _ask(context: Context, target: Target) -> tuple[dict[str, float], str]:
    """The figures of an application, and what was wrong, each empty if so."""
    try:
        numbers = read_numbers(target.reference, min(SECONDS, max(1.0, context.seconds_left())))
    except ConnectionProblem as problem:
        context.log(f"{target.name}: {problem}", "warn")
        return {}, str(problem)
    context.log(f"{target.name}: {count(len(numbers.figures), 'number')}. {numbers.note}".strip())
    return numbers.figures, numbers.note


def _note(asked: int, silent: dict[str, str]) -> str:
    if not asked:
        return "There is none."
    return f"{count(asked, 'application')} asked" + (f", not well: {', '.join(silent)}" if silent else "")


def _state(context: Context, sources: dict[str, dict[str, float]]) -> None:
    for source, figures in sources.items():
        for name, value in figures.items():
            label, unit = FIGURES[name]
            context.fact(f"{source}.{name}", f"{source}: {label.lower()}", value, unit=unit)


app_metrics = Task(
    key="app_metrics",
    title="Application metrics",
    description="Memory, threads and connections of every application, and of zbmaint's own processes, kept.",
    category="preventive",
    cadence="daily, 02:00 UTC",
    needs="",
    run=run,
    timeout=dt.timedelta(minutes=10),
    changes_things=False,
    steps=(OWN, TARGETS),
)
