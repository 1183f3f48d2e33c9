"""What the page of a run shows."""

from __future__ import annotations

import datetime as dt
import statistics
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404

from incidents.models import Ticket
from maintenance import alerts
from maintenance.forms.run_form import PREFIX
from maintenance.models import FindingSighting, Occurrence, Run
from maintenance.rules import run_states
from maintenance.rules.run_words import WORDS, what_is_new
from maintenance.tasks.catalog import CATALOG, title_of
from maintenance.views.page_parts import LongPart, Parts, Row, drawn, drawn_in_rows, drawn_late
from maintenance.views.run_comparison import compare
from maintenance.views.run_facts import tiles
from maintenance.views.run_snapshot import snapshot_of
from maintenance.views.run_steps import StepRows, step_rows
from maintenance.views.run_tables import table_rows
from maintenance.views.waiting import reason_to_wait
from maintenance.views.webhook_part import webhook_context
from zbmaint.access.models import Person

A_MOMENT = dt.timedelta(seconds=2)  # the ticker looks every second: this much is on time
NAMED = ("target", "requested_by", "cancel_requested_by", "occurrence__schedule")
TEMPLATE = "maintenance/run/{}.html"
USUAL_OF = 10  # earlier runs that the usual time is taken from


def read_run(run_id: int) -> Run:
    """The run with what its page names; raises Http404."""
    row = Run.objects.select_related(*NAMED).filter(pk=run_id).first()
    if row is None:
        raise Http404(f"There is no run {run_id}.")
    return row


def usual_seconds(run: Run) -> int:
    """Median seconds of the last runs like this one that did their work; 0 before there are three."""
    done = Run.objects.filter(
        task=run.task,
        target=run.target,
        dry_run=run.dry_run,
        state__in=(run_states.SUCCEEDED, run_states.WARNING),
    ).exclude(pk=run.pk)
    lengths = [
        (finished - started).total_seconds()
        for started, finished in done.values_list("started_at", "finished_at")[:USUAL_OF]
        if started and finished and finished >= started
    ]
    return round(statistics.median(lengths)) if len(lengths) >= 3 else 0


class RunPage:
    """Reads what the page of `run` shows to `person`. Nothing in a part depends on the time of reading: clocks are
    moved by the browser, so that a part differs only when the run does. `usual` is how many seconds such a run usually
    takes, 0 for unknown: the page asks for it once and says it again in each of its polls."""

    def __init__(self, run: Run, person: Person, *, usual: int = 0) -> None:
        self.run = run
        self.person = person
        self.usual = usual
        self.task = CATALOG.get(run.task)
        self.words = WORDS[run.state]

    @property
    def title(self) -> str:
        """What the task is called; its key when this version does not know it."""
        return title_of(self.run.task)

    @property
    def occurrence(self) -> Occurrence | None:
        """The due time of a schedule that it was started for."""
        return getattr(self.run, "occurrence", None)

    @property
    def lateness(self) -> dt.timedelta | None:
        """How long after its due time it began; None without one, before it began, or when it was on time."""
        begun = self.run.started_at or self.run.finished_at
        if self.occurrence is None or begun is None or begun - self.occurrence.due_at < A_MOMENT:
            return None
        return begun - self.occurrence.due_at

    @property
    def verdict(self) -> str:
        """The verdict without the state's own word, or what is true of every run in its state."""
        return what_is_new(self.run.state, self.run.verdict) or self.words.happened

    @property
    def must_end_by(self) -> dt.datetime | None:
        """When the run is stopped if it still works."""
        return self.run.started_at and self.run.started_at + dt.timedelta(seconds=self.run.timeout_seconds)

    @property
    def parameters(self) -> list[tuple[str, Any]]:
        """The parameters that are not as usual, by the names that people know."""
        known = {parameter.key: parameter for parameter in self.task.parameters} if self.task else {}
        given = self.run.parameters.items()
        return [
            (known[key].label if key in known else key, value)
            for key, value in given
            if key not in known or value != known[key].default
        ]

    @property
    def again(self) -> str:
        """The query string of the form that asks for the same run again."""
        query = {"task": self.run.task, "target": self.run.target.name if self.run.target else ""}
        query |= {PREFIX + key: str(value) for key, value in self.run.parameters.items()}
        return urlencode(query | ({"dry_run": "on"} if self.run.dry_run else {}))

    @cached_property
    def steps(self) -> StepRows:
        """The steps in order."""
        return step_rows(list(self.run.steps.order_by("position")))

    @cached_property
    def ticket(self) -> Ticket | None:
        """The ticket that the run's end raised, joined or cleared, for those who may see tickets; none before it."""
        if self.run.is_active or not self.person.has_perm("incidents.view_ticket"):
            return None
        ref = str(self.run.pk)
        return alerts.tickets_about("run", [ref]).get(ref)

    @cached_property
    def sightings(self) -> list[FindingSighting]:
        """What the run found, worst first; it is written down at the end of the run, and not looked for before."""
        if self.run.is_active:
            return []
        order = ("critical", "high", "medium", "low")
        found = self.run.sightings.select_related("finding")
        return sorted(found, key=lambda seen: (order.index(seen.severity), seen.finding.title))

    def parts(self) -> Parts:
        """Every part, in the order of the page."""
        known = self._context()
        return Parts(
            {
                "head": drawn(TEMPLATE.format("head"), known),
                "verdict": drawn(TEMPLATE.format("verdict"), known),
                "progress": drawn(TEMPLATE.format("progress"), known),
                "findings": drawn(TEMPLATE.format("findings"), known),
                "webhook": drawn(TEMPLATE.format("webhook"), webhook_context(self.run, self.person)),
                "steps": self._steps_part(),
                "tables": self._tables_part(),
                "comparison": drawn(TEMPLATE.format("comparison"), {"compared": compare(self.run, self.sightings)}),
                "snapshot": drawn_late(TEMPLATE.format("snapshot"), {"snapshot": snapshot_of(self.run.snapshot)}),
                "facts": drawn(TEMPLATE.format("facts"), {"facts": tiles(self.run.facts)}),
            }
        )

    def _steps_part(self) -> LongPart:
        steps = self.steps
        counted = Row(TEMPLATE.format("steps_done"), {"done": steps.done, "total": steps.total})
        rows = [Row(TEMPLATE.format("step"), {"step": step}) for step in steps.shown]
        frame = {
            "positions": [step.position for step in steps.shown],
            "hidden": steps.hidden,
            "active": self.run.is_active,
        }
        return drawn_in_rows(TEMPLATE.format("steps"), frame, [counted, *rows])

    def _tables_part(self) -> LongPart:
        tables = table_rows(self.run.report.get("tables"), ended=not self.run.is_active)
        rows = [
            Row(TEMPLATE.format("table"), {"row": row, "position": position})
            for position, row in enumerate(tables.shown, start=1)
        ]
        frame = {"shown": len(tables.shown), "total": tables.total}
        return drawn_in_rows(TEMPLATE.format("tables"), frame, rows)

    def _context(self) -> dict[str, Any]:
        return {
            "page": self,
            "run": self.run,
            "waits": reason_to_wait(self.run) if self.run.state == run_states.QUEUED else None,
            "usual": self.usual,
            "may_cancel": self.person.has_perm("maintenance.cancel_run"),
            "may_start": self.person.has_perm("maintenance.start_run"),
            "may_see_finding": self.person.has_perm("maintenance.view_finding"),
        }
