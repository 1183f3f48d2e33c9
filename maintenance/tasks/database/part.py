"""A part: one examination of a database, with a step of its own, in whichever task it stands.

A part reads; what changes something is a task's own work. It finds (`Examination.find`), or says that something could
not be measured (`NotMeasured`, `Examination.not_measured`); the task's other parts go on either way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg

from maintenance.connectors.postgres import Session
from maintenance.rules.examination_outcome import Look, State
from maintenance.task import Context, Severity, Sighting
from maintenance.tasks.database.clock import Clock
from maintenance.tasks.database.statements import cancellation, first_line, raise_if_lost
from maintenance.tasks.database.survey import Server

# A part reads catalogues and counters; what takes longer is given up, and says so.
PART_SECONDS: Final = 30.0


class NotMeasured(Exception):
    """The part cannot be measured here. The message says why, and what would change it."""


@dataclass(frozen=True)
class Part:
    """One examination. `kinds` are the kinds of finding that it looks for completely.

    `look` does it and returns the note of its step, such as "3 duplicates".
    """

    key: str
    name: str
    kinds: frozenset[str]
    look: Callable[[Examination], str]


@dataclass
class Examination:
    """What a part works with. `session` only reads, in autocommit; `server` was read at the beginning.

    `found` and `unmeasured` are what the part at work has reported so far.
    """

    context: Context
    session: Session
    server: Server
    found: int = 0
    unmeasured: list[str] = field(default_factory=list)

    def find(self, kind: str, subject: str, title: str, severity: Severity, *, detail: str = "", fix: str = "") -> None:
        """Report a finding. `kind` and `subject` name it from run to run; `fix` is the exact statement."""
        self.context.find(Sighting(kind, subject, title, severity, detail, fix))
        self.found += 1

    def not_measured(self, what: str, why: str) -> None:
        """Say that a piece of the part could not be measured; the part goes on."""
        self.unmeasured.append(f"{what}: {why}")
        self.context.log(f"Not measured: {what}: {why}")


def examine(context: Context, session: Session, server: Server, clock: Clock, parts: Sequence[Part]) -> list[Look]:
    """Carry out the parts one after the other, each as a step; returns what became of each.

    ConnectionLost when the session is gone; Cancelled and OutOfTime as everywhere.
    """
    return [_examine(context, session, server, clock, part) for part in parts]


def _examine(context: Context, session: Session, server: Server, clock: Clock, part: Part) -> Look:
    context.plan([(part.key, part.name)])
    allowance = clock.allow(PART_SECONDS)
    if allowance is None:
        context.skip(part.key, "skipped: out of time")
        return Look(part.name, State.OUT_OF_TIME)
    examination = Examination(context, session, server)
    with context.step(part.key) as step, cancellation(context):
        try:
            session.execute(f"SET statement_timeout = {allowance.milliseconds}")
            note = part.look(examination)
        except (NotMeasured, psycopg.errors.InsufficientPrivilege) as problem:
            why = first_line(problem) if isinstance(problem, psycopg.Error) else str(problem)
            step.finish("skipped", f"not measured: {why}")
            context.log(f"{part.name}: not measured: {why}")
            return Look(part.name, State.NOT_MEASURED, why)
        except psycopg.Error as problem:
            raise_if_lost(session, problem)
            context.check()
            why = first_line(problem)
            step.finish("failed", why)
            context.log(f"{part.name}: {why}", "error")
            return Look(part.name, State.FAILED, why)
        unmeasured = "; ".join(f"not measured: {what}" for what in examination.unmeasured)
        said = "; ".join(text for text in (note, unmeasured) if text)
        step.finish("warning" if examination.found else "passed", said)
    # Kinds of which a piece could not be measured are not resolved by it.
    examined = frozenset() if examination.unmeasured else part.kinds
    return Look(part.name, State.DONE, unmeasured, findings=examination.found, examined=examined)
