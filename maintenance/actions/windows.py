"""Maintenance windows: asked for, approved, withdrawn; each with its record, and told to the stakeholders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from maintenance import notices
from maintenance.kpis import service_days
from maintenance.models import MaintenanceWindow, Probe
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.rollup import days
from zbmaint.rollup.models import Stale
from zbmaint.ui.words import is_seen

LONGEST_REASON: Final = 200
LONGEST: Final = dt.timedelta(days=7)
# What is further away is a slip of the pen, most likely; reports of what is longer ago have been read.
FURTHEST_BACK, FURTHEST_AHEAD = dt.timedelta(days=31), dt.timedelta(days=366)


class WindowRefused(Exception):
    """A window cannot be so, or this cannot be done to it. For people; `field` is what it is about, if anything."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Wanted:
    """What is asked for: these services may be down from `begins_at` until `ends_at`."""

    services: Sequence[Probe]
    begins_at: dt.datetime
    ends_at: dt.datetime
    reason: str


@transaction.atomic
def request(wanted: Wanted, *, actor: Person) -> MaintenanceWindow:
    """Ask for a window; it counts once it is approved. Raises WindowRefused."""
    now = timezone.now()
    reason = _check(wanted, now)
    _refuse_twin(wanted, reason, actor)
    window = MaintenanceWindow.objects.create(
        begins_at=wanted.begins_at, ends_at=wanted.ends_at, reason=reason, requested_by=actor, requested_at=now
    )
    window.services.set(wanted.services)
    facts = {
        "services": sorted(service.name for service in wanted.services),
        "from": wanted.begins_at.isoformat(),
        "until": wanted.ends_at.isoformat(),
        "reason": reason,
    }
    record("window_requested", window, actor, after=facts)
    return window


@transaction.atomic
def approve(window: MaintenanceWindow, *, actor: Person) -> MaintenanceWindow:
    """Let a window count, and tell the stakeholders. Raises WindowRefused.

    One that has begun needs somebody else than who asked for it: nobody takes their own down time out afterwards.
    """
    locked = _locked(window)
    now = timezone.now()
    if locked.approved_at is not None:
        raise WindowRefused(f"{locked.approved_by} has approved it already.")
    if now >= locked.begins_at and actor.pk == locked.requested_by_id:
        raise WindowRefused("You have asked for it yourself, and it has begun: only somebody else may approve it now.")
    gone = locked.services.filter(retired_at__isnull=False).first()
    if gone is not None and now < locked.begins_at:
        raise WindowRefused(f"{gone} was retired meanwhile. Withdraw this one, and ask for another.")
    locked.approved_at, locked.approved_by = now, actor
    locked.save(update_fields=["approved_at", "approved_by"])
    record("window_approved", locked, actor, after={"late": now > locked.begins_at})
    _note_stale(locked, now)
    notices.window_approved(locked)
    return locked


@transaction.atomic
def withdraw(window: MaintenanceWindow, *, actor: Person) -> MaintenanceWindow:
    """Let a window count no more, as if it had never been; who was told of it is told. Raises WindowRefused."""
    locked = _locked(window)
    locked.withdrawn_at, locked.withdrawn_by = timezone.now(), actor
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record("window_withdrawn", locked, actor)
    if locked.approved_at is not None:
        _note_stale(locked, locked.withdrawn_at)
        notices.window_withdrawn(locked)
    return locked


def _locked(window: MaintenanceWindow) -> MaintenanceWindow:
    locked = MaintenanceWindow.objects.select_for_update().get(pk=window.pk)
    if locked.withdrawn_at is not None:
        raise WindowRefused(f"{locked.withdrawn_by} has withdrawn it already.")
    return locked


def _refuse_twin(wanted: Wanted, reason: str, actor: Person) -> None:
    """The same again is a form that was sent twice: approved both, stakeholders would be told of it twice."""
    # Two that are sent at once come one after the other.
    Person.objects.select_for_update(no_key=True).get(pk=actor.pk)
    twins = MaintenanceWindow.objects.filter(
        begins_at=wanted.begins_at,
        ends_at=wanted.ends_at,
        reason=reason,
        requested_by=actor,
        withdrawn_at__isnull=True,
    ).prefetch_related("services")
    if any({row.pk for row in twin.services.all()} == {service.pk for service in wanted.services} for twin in twins):
        raise WindowRefused("You have asked for just this already: it is in the list. Withdraw that one to ask anew.")


def _check(wanted: Wanted, now: dt.datetime) -> str:
    """The reason as it is kept. Raises WindowRefused."""
    if not wanted.services:
        raise WindowRefused("Choose at least one service that is worked on.", "services")
    retired = next((service for service in wanted.services if service.retired_at is not None), None)
    if retired is not None:
        raise WindowRefused(f"{retired} is retired: nobody looks whether it is up.", "services")
    if wanted.ends_at <= wanted.begins_at:
        raise WindowRefused("It must end after it begins.", "ends_at")
    if wanted.ends_at - wanted.begins_at > LONGEST:
        raise WindowRefused(f"At most {LONGEST.days} days. Ask for several, or pause the probe.", "ends_at")
    if wanted.begins_at < now - FURTHEST_BACK:
        raise WindowRefused(f"At most {FURTHEST_BACK.days} days back.", "begins_at")
    if wanted.begins_at > now + FURTHEST_AHEAD:
        raise WindowRefused("At most a year ahead. Look at the year that you wrote.", "begins_at")
    reason = " ".join(wanted.reason.split())
    if not is_seen(reason):
        raise WindowRefused("Say why: whoever sees the service down will ask.", "reason")
    if "\0" in reason:
        raise WindowRefused("Null characters are not allowed.", "reason")
    if len(reason) > LONGEST_REASON:
        raise WindowRefused(f"At most {LONGEST_REASON} characters, not {len(reason):,}.", "reason")
    return reason


def _note_stale(window: MaintenanceWindow, now: dt.datetime) -> None:
    """The days that have been rolled up already, and are others now."""
    first, last = days.day_of(window.begins_at), min(days.day_of(window.ends_at), days.day_of(now))
    Stale.objects.bulk_create(Stale(kind=service_days.KIND, at=days.begins(day)) for day in days.each(first, last))
