"""What may be done to a probe. Every action is one transaction and keeps its record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from maintenance.actions import outages, timelines
from maintenance.connectors.deadline import within
from maintenance.kpis import service_days
from maintenance.models import Component, Probe, Reading, Severity, Target
from maintenance.models.probe import LONGEST_INTERVAL, SHORTEST_INTERVAL
from maintenance.probes.catalog import KINDS, title_of
from maintenance.probes.kind import BadParameter, Look, Order, down
from maintenance.rules import edits
from maintenance.rules.probe_states import UNKNOWN, Sample, advance
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.rollup import days
from zbmaint.rollup.models import Stale
from zbmaint.ui.words import is_seen

LONGEST_NAME, LONGEST_REASON = 80, 200
LONGEST_LOOK = 10.0
FURTHEST_PLANNED = dt.timedelta(days=31)
SLO, LEAST_SLO, MOST_SLO = Decimal("99.9"), Decimal(50), Decimal("99.999")


class ProbeRefused(Exception):
    """A probe cannot be so. The message is for people; `field` is what it is about, a parameter's with its kind."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Details:
    """What people decide about a probe. `interval_seconds` to the next look, of which one takes `timeout_seconds` at
    most; `confirmations` failures in a row are an outage; slower than `slow_ms` is degraded (None: never).
    `component` is the part of the platform that it tells of (empty: that of its kind); the system is up while all
    `critical` ones are; `slo_percent` is the uptime that is aimed at (None: none). `planned_until` is the end of
    planned work: an outage of it raises no alert."""

    name: str
    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    target: Target | None = None
    interval_seconds: int = 30
    timeout_seconds: int = 10
    confirmations: int = 2
    slow_ms: int | None = None
    severity: str = Severity.HIGH
    component: str = ""
    critical: bool = False
    slo_percent: Decimal | None = SLO
    planned_until: dt.datetime | None = None
    planned_reason: str = ""


@transaction.atomic
def create(details: Details, *, actor: Person | None) -> Probe:
    """Make a probe; it is read at once. Raises ProbeRefused."""
    values = _checked(details)
    _check_planned(details.planned_until)
    if Probe.objects.filter(name=values["name"]).exists():
        raise ProbeRefused("There is a probe of this name already.", "name")
    probe = Probe.objects.create(**values, next_at=timezone.now())
    record("probe_created", probe, actor, after=_said(values))
    return probe


def mark(probe: Probe) -> str:
    """A mark of what is decided about a probe, to see whether somebody changes it meanwhile."""
    decided = {each.name: getattr(probe, each.name) for each in fields(Details) if each.name != "target"}
    return edits.mark_of({**decided, "target": probe.target_id})


@transaction.atomic
def change(probe: Probe, details: Details, *, actor: Person | None, seen: str = "") -> Probe:
    """Change what is decided about a probe; nothing differs: nothing is written. Raises ProbeRefused, also when its
    mark is not the one that was `seen` any more.

    The kind stays: readings of another one would not belong to the same history. Whether it is critical holds for its
    whole history: the days of the system are made again, of the services that are critical now.
    """
    locked = _locked(probe)
    if seen and seen != mark(locked):
        raise ProbeRefused(edits.CHANGED)
    if details.kind != locked.kind:
        raise ProbeRefused(f"It stays a probe of {title_of(locked.kind)}. Make another one.", "kind")
    values = _checked(details)
    if Probe.objects.filter(name=values["name"]).exclude(pk=locked.pk).exists():
        raise ProbeRefused("There is a probe of this name already.", "name")
    before = {name: getattr(locked, name) for name in values if getattr(locked, name) != values[name]}
    if not before:
        return locked
    if "planned_until" in before:
        _check_planned(details.planned_until)
    for name in before:
        setattr(locked, name, values[name])
    # What it is asked now is to be known now.
    locked.next_at = timezone.now()
    if "critical" in before:
        _make_stale(max(locked.created_at, days.begins(_first_kept())), locked.retired_at or locked.next_at)
    locked.save(update_fields=[*before, "next_at"])
    record("probe_changed", locked, actor, before=_said(before), after=_said({name: values[name] for name in before}))
    return locked


@transaction.atomic
def pause(probe: Probe, *, actor: Person | None) -> Probe:
    """Look no more, until it is resumed: from now on nothing is known. An outage that goes on stays open: nobody knows
    of its end."""
    locked = _locked(probe)
    if locked.paused_at is None:
        locked.paused_at = timezone.now()
        locked.save(update_fields=["paused_at", *_know_no_more(locked, "Paused", actor)])
        record("probe_paused", locked, actor)
    return locked


@transaction.atomic
def resume(probe: Probe, *, actor: Person | None) -> Probe:
    """Look again, at once."""
    locked = _locked(probe)
    if locked.paused_at is not None:
        locked.paused_at, locked.next_at = None, timezone.now()
        locked.save(update_fields=["paused_at", "next_at"])
        record("probe_resumed", locked, actor)
    return locked


@transaction.atomic
def retire(probe: Probe, *, actor: Person | None) -> Probe:
    """End a probe; its history stays. An outage that goes on ends with it, and its alert is cleared."""
    locked = _locked(probe)
    if locked.retired_at is None:
        locked.retired_at = timezone.now()
        locked.save(update_fields=["retired_at", *_know_no_more(locked, "Retired", actor)])
        record("probe_retired", locked, actor)
        outages.end_with_probe(locked)
    return locked


@transaction.atomic
def restore(probe: Probe, *, actor: Person | None) -> Probe:
    """Let a retired probe look again, at once. Of the time in between nothing is known, and its days say so."""
    locked = _locked(probe)
    if locked.retired_at is not None:
        now = timezone.now()
        _make_stale(locked.retired_at, now)
        locked.retired_at, locked.next_at = None, now
        # Failures of before belong to an outage that has ended: they confirm none now.
        locked.failures, locked.failing_since = 0, None
        locked.save(update_fields=["retired_at", "next_at", "failures", "failing_since"])
        record("probe_restored", locked, actor)
    return locked


def look(probe: Probe) -> Look:
    """Look once from this process, and store nothing; takes 11 s at most."""
    seconds = min(float(probe.timeout_seconds), LONGEST_LOOK)
    order = Order(probe.parameters, seconds, probe.target.reference if probe.target else "")
    try:
        return within(seconds + 1, lambda: KINDS[probe.kind].look(order))
    except TimeoutError:
        return down(f"No answer within {seconds:g} s.", answered=False)


def _make_stale(begins: dt.datetime, ends: dt.datetime) -> None:
    """Let the days of services be made again in which anything from `begins` to `ends` lies."""
    changed = days.each(days.day_of(begins), days.day_of(ends))
    Stale.objects.bulk_create(Stale(kind=service_days.KIND, at=days.begins(day)) for day in changed)


def _first_kept() -> dt.date:
    """The first day that can be made again: of those before it spans are gone."""
    return days.whole_since(service_days.kept(), timezone.now())


def _know_no_more(probe: Probe, verb: str, actor: Person | None) -> list[str]:
    """End what is known of the probe, which is locked: a reading that saw nothing. Returns the fields that changed.

    What was read last would be believed for a while otherwise. A look that is under way began before, by the same
    clock, so that its reading belongs before this one, whenever it is stored.
    """
    at = _next_moment(probe)
    said = f"{verb} by {actor}."[:LONGEST_REASON] if actor else f"{verb}."
    planned = probe.is_planned(at)
    Reading.objects.create(probe=probe, at=at, milliseconds=0, planned=planned, state=UNKNOWN, reason=said)
    timelines.note_late({probe.pk: at})
    stands = advance(probe.standing, Sample(at, UNKNOWN), probe.terms)
    changed = {
        "last_at": stands.at,
        "last_reason": said,
        "last_ms": None,
        "state": stands.state,
        "state_since": stands.since,
        "failures": stands.failures,
        "failing_since": stands.failing_since,
    }
    for name, value in changed.items():
        setattr(probe, name, value)
    return list(changed)


def _next_moment(probe: Probe) -> dt.datetime:
    """Now, by the clock that readings have; just after the last reading, when that is ahead of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: dt.datetime = cursor.fetchone()[0]
    last = probe.last_at
    ahead = last is not None and now <= last <= now + probe.terms.good_for
    return last + dt.timedelta(microseconds=1) if last is not None and ahead else now


def _locked(probe: Probe) -> Probe:
    return Probe.objects.select_for_update().get(pk=probe.pk)


def _checked(details: Details) -> dict[str, Any]:
    """The values as they are kept. Raises ProbeRefused."""
    kind = KINDS.get(details.kind)
    if kind is None:
        raise ProbeRefused("Choose what kind of probe it is.", "kind")
    name = _text(details.name, "name", LONGEST_NAME)
    if not is_seen(name):
        raise ProbeRefused("A probe needs a name that can be seen.", "name")
    _check_times(details)
    _check_target(details)
    _check_aims(details)
    try:
        parameters = kind.check(details.parameters)
    except BadParameter as problem:
        raise ProbeRefused(str(problem), f"{kind.key}_{problem.name}") from None
    values = {each.name: getattr(details, each.name) for each in fields(details)}
    reason = _text(details.planned_reason, "planned_reason", LONGEST_REASON)
    component = details.component or kind.component
    return values | {"name": name, "parameters": parameters, "planned_reason": reason, "component": component}


def _check_aims(details: Details) -> None:
    if details.severity not in Severity:
        raise ProbeRefused("Choose how bad it is when it is down.", "severity")
    if details.component and details.component not in Component:
        raise ProbeRefused("Choose the part of the platform that it tells of.", "component")
    slo = details.slo_percent
    if slo is not None and not LEAST_SLO <= slo <= MOST_SLO:
        raise ProbeRefused(
            f"From {LEAST_SLO} to {MOST_SLO} per cent: 100 leaves no room at all. Or empty.", "slo_percent"
        )


def _check_planned(until: dt.datetime | None) -> None:
    """Work that was over when it was planned is a slip of the pen, and would be forgotten in silence."""
    now = timezone.now()
    if until is not None and until <= now:
        raise ProbeRefused("That has passed. Write when the work will be over, or nothing.", "planned_until")
    if until is not None and until > now + FURTHEST_PLANNED:
        raise ProbeRefused(
            f"At most {FURTHEST_PLANNED.days} days ahead: until then no outage is told. Pause it if nobody is to look.",
            "planned_until",
        )


def _check_times(details: Details) -> None:
    if not SHORTEST_INTERVAL <= details.interval_seconds <= LONGEST_INTERVAL:
        raise ProbeRefused(f"Write from {SHORTEST_INTERVAL} to {LONGEST_INTERVAL:,} seconds.", "interval_seconds")
    if not 1 <= details.timeout_seconds < details.interval_seconds:
        raise ProbeRefused("At least 1 second, and shorter than the interval.", "timeout_seconds")
    if not 1 <= details.confirmations <= 20:
        raise ProbeRefused("From 1 to 20 failures in a row confirm an outage.", "confirmations")
    if details.slow_ms is not None and not 1 <= details.slow_ms < details.timeout_seconds * 1000:
        raise ProbeRefused("At least 1 ms, and shorter than the time-out; empty: never.", "slow_ms")


def _check_target(details: Details) -> None:
    target, kind = details.target, KINDS[details.kind]
    if kind.needs_target and target is None:
        raise ProbeRefused(f"A probe of {kind.title} needs a target: its credentials are the target's.", "target")
    if target is not None and kind.needs_target and target.kind != kind.target_kind:
        wanted = Target.Kind(kind.target_kind).label
        raise ProbeRefused(f"{target} is no {wanted}. Choose one, or make it first.", "target")
    if target is not None and target.retired_at is not None:
        raise ProbeRefused(f"{target} is retired. Choose another target, or restore it.", "target")


def _text(value: str, name: str, longest: int) -> str:
    """One line, as it stands in lists and in the subjects of mails. Raises ProbeRefused."""
    value = " ".join(value.split())
    if "\0" in value:
        raise ProbeRefused("Null characters are not allowed.", name)
    if len(value) > longest:
        raise ProbeRefused(f"At most {longest} characters, not {len(value):,}.", name)
    return value


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """As the audit log keeps it."""
    plain = {name: _plain(value) for name, value in values.items()}
    return plain | ({"target": values["target"] and values["target"].name} if "target" in values else {})


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
