"""What may be done to a target. Every action is one transaction and keeps its record."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, fields
from typing import Any

import psycopg
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from maintenance.connectors.application import describe
from maintenance.connectors.postgres import ConnectionProblem, open_session
from maintenance.models import Probe, Run, ScheduledTask, Target
from maintenance.models.target import OWN
from maintenance.rules import edits
from zbmaint.access.models import Person
from zbmaint.audit.record import record


class TargetRefused(Exception):
    """What was asked of a target cannot be done. The message is for people and says what to do."""


@dataclass(frozen=True)
class Details:
    """What people decide about a target. `reference` is `own`, `env:NAME` or `file:/path`, never a URL."""

    name: str
    reference: str
    title: str = ""
    kind: str = Target.Kind.DATABASE


@dataclass(frozen=True)
class Connection:
    """The outcome of a test: `works`, and a sentence that names what was reached or what is wrong, without a secret."""

    works: bool
    says: str


@transaction.atomic
def create(details: Details, *, actor: Person | None) -> Target:
    """Make a target. Raises ValidationError when a detail is not valid."""
    target = Target(**asdict(details))
    _check(target)
    target.save()
    record("target_created", target, actor, after=asdict(details))
    return target


def mark(target: Target) -> str:
    """A mark of what is decided about a target, to see whether somebody changes it meanwhile."""
    return edits.mark_of({each.name: getattr(target, each.name) for each in fields(Details)})


@transaction.atomic
def change(target: Target, details: Details, *, actor: Person | None, seen: str = "") -> Target:
    """Change what is decided about a target; nothing differs: nothing is written.

    Raises ValidationError, and TargetRefused when its mark is not the one that was `seen` any more, when name or
    reference would change under an active run, or the kind of one that something belongs to.
    """
    locked = Target.objects.select_for_update().get(pk=target.pk)
    if seen and seen != mark(locked):
        raise TargetRefused(edits.CHANGED)
    changed = {name: value for name, value in asdict(details).items() if getattr(locked, name) != value}
    if not changed:
        return locked
    if changed.keys() - {"title"}:
        refuse_while_active(locked, "changed")
    if "kind" in changed:
        _refuse_when_used(locked)
    before = {name: getattr(locked, name) for name in changed}
    for name, value in changed.items():
        setattr(locked, name, value)
    _check(locked)
    locked.save(update_fields=list(changed))
    record("target_changed", locked, actor, before=before, after=changed)
    return locked


@transaction.atomic
def retire(target: Target, *, actor: Person | None) -> Target:
    """End work on a target; its runs and findings stay. Raises TargetRefused while a run is active."""
    locked = Target.objects.select_for_update().get(pk=target.pk)
    if locked.retired_at is None:
        refuse_while_active(locked, "retired")
        _set_retired(locked, timezone.now(), "target_retired", actor)
    return locked


@transaction.atomic
def restore(target: Target, *, actor: Person | None) -> Target:
    """Let a retired target be worked on again."""
    locked = Target.objects.select_for_update().get(pk=target.pk)
    if locked.retired_at is not None:
        _set_retired(locked, None, "target_restored", actor)
    return locked


def try_connection(target: Target) -> Connection:
    """Ask it from this process and say what answered; takes 15 s at most."""
    if target.kind == Target.Kind.APPLICATION:
        try:
            return Connection(True, describe(target.reference, APPLICATION_SECONDS))
        except ConnectionProblem as problem:
            return Connection(False, str(problem))
    try:
        with open_session(target.reference, application_name="zbmaint:test", read_only=True) as session:
            row: dict[str, Any] = session.execute(WHO).fetchone() or {}
    except ConnectionProblem as problem:
        return Connection(False, str(problem))
    except psycopg.Error as problem:
        return Connection(False, f"It lets us in, but does not answer ({type(problem).__name__}).")
    return Connection(True, f"PostgreSQL {row['version']} answers: database {row['database']}, role {row['role']}.")


APPLICATION_SECONDS = 10.0
WHO = "SELECT current_setting('server_version') AS version, current_database() AS database, current_user AS role"


def refuse_while_active(target: Target, what: str) -> None:
    """Raise TargetRefused when a run on `target` is queued or running: it was asked for the target as it is."""
    run = Run.objects.active().filter(target=target).first()
    if run is not None:
        raise TargetRefused(f"{target} cannot be {what} while {run} is {run.state}. Wait for its end, or cancel it.")


def _check(target: Target) -> None:
    target.full_clean()
    if target.kind == Target.Kind.APPLICATION and target.reference == OWN:
        raise ValidationError({"reference": "own is the product's own database. Write env:NAME or file:/path."})


def _refuse_when_used(target: Target) -> None:
    for model, what in ((Probe, "probes"), (ScheduledTask, "scheduled tasks"), (Run, "runs")):
        if model._default_manager.filter(target=target).exists():
            raise TargetRefused(f"{target} stays what it is: {what} belong to it. Make another target.")


def _set_retired(target: Target, at: dt.datetime | None, verb: str, actor: Person | None) -> None:
    before = {"retired_at": target.retired_at and target.retired_at.isoformat()}
    target.retired_at = at
    target.save(update_fields=["retired_at"])
    record(verb, target, actor, before=before, after={"retired_at": at and at.isoformat()})
