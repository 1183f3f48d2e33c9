"""What happens to findings: runs see them or do not see them any more; people accept them until a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from maintenance import alerts
from maintenance.models import Finding, FindingSighting, Run
from maintenance.rules import run_states
from maintenance.rules.alerting import is_alarming, is_news
from maintenance.rules.finding_states import acceptance_ended, after_sighting, why_not_until
from maintenance.task import Sighting
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.ui.words import day


class FindingRefused(Exception):
    """What was asked of a finding cannot be done. The message is for people; `field` names what it is about, if any."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def record_sightings(run: Run, sightings: Iterable[Sighting], examined: frozenset[str]) -> list[Finding]:
    """Record what `run` saw. Findings of the `examined` kinds that it did not see are resolved.

    May be called again for the same run after an error: the second call changes nothing. Returns what was seen.
    """
    now = timezone.now()
    last = {(sighting.kind, sighting.subject): sighting for sighting in sightings}
    seen = [_see(run, sighting, now) for sighting in last.values()]
    if not run.dry_run:
        gone = Finding.objects.filter(target=run.target, kind__in=examined)
        gone = gone.exclude(state=Finding.State.RESOLVED).exclude(pk__in=[finding.pk for finding in seen])
        locked = list(gone.select_for_update().order_by("pk").values_list("pk", flat=True))
        left = Finding.objects.filter(pk__in=locked)
        left.update(state=Finding.State.RESOLVED, resolved_at=now)
        alerts.findings_gone(left.select_related("target"), run)
    return seen


def news(run: Run, seen: Iterable[Finding]) -> list[Finding]:
    """Those of what `run` has `seen` that people are told of: high or critical, and not so when last seen.

    Nobody was told of what a dry or a cancelled run saw, so the next real one tells it.
    """
    return [
        finding
        for finding in seen
        if is_alarming(finding.state, finding.severity)
        and is_news(finding.state, finding.severity, _last_told(run, finding))
    ]


def _last_told(run: Run, finding: Finding) -> tuple[str, str] | None:
    """State and severity that the finding had when a run that told of what it saw last saw it, in its present life."""
    told = finding.sightings.filter(run__dry_run=False, run__finished_at__gte=finding.first_seen_at)
    told = told.exclude(run=run).exclude(run__state=run_states.CANCELLED)
    return told.order_by("-run_id").values_list("state", "severity").first()


@transaction.atomic
def accept(finding: Finding, *, actor: Person, until: dt.date, reason: str) -> Finding:
    """Accept a finding to the end of the day `until` (UTC): it counts as open no longer, and wakes nobody.

    Raises FindingRefused when it is resolved or accepted already, without a reason, and for a day that has passed or
    is more than a year away.
    """
    finding = _locked(finding)
    today = timezone.now().date()
    if finding.state == Finding.State.RESOLVED:
        raise FindingRefused("It is resolved: there is nothing left to accept.")
    if finding.state == Finding.State.ACCEPTED and not acceptance_ended(finding.state, finding.accepted_until, today):
        until_then = day(finding.accepted_until) if finding.accepted_until else "further notice"
        raise FindingRefused(f"{finding.accepted_by} has accepted it until {until_then} already. Reopen it first.")
    if not reason.strip():
        raise FindingRefused("Say why it may stay: whoever finds it accepted will ask.", "reason")
    problem = why_not_until(until, today)
    if problem:
        raise FindingRefused(problem, "until")
    before = {"state": finding.state}
    finding.state, finding.accepted_until = Finding.State.ACCEPTED, until
    finding.accepted_by, finding.accepted_reason = actor, reason.strip()[:300]
    finding.save()
    after = {"state": finding.state, "until": until.isoformat(), "reason": finding.accepted_reason}
    record("finding_accepted", finding, actor, before=before, after=after)
    alerts.finding_accepted(finding)
    return finding


@transaction.atomic
def reopen(finding: Finding, *, actor: Person) -> Finding:
    """Take an acceptance back: the finding is ongoing again. Raises FindingRefused when it is not accepted."""
    finding = _locked(finding)
    if finding.state != Finding.State.ACCEPTED:
        raise FindingRefused(f"It is {finding.get_state_display().lower()}, not accepted.")
    before = {
        "state": finding.state,
        "until": finding.accepted_until.isoformat() if finding.accepted_until else None,
        "by": finding.accepted_by.username if finding.accepted_by else None,
        "reason": finding.accepted_reason,
    }
    finding.state, finding.accepted_until = Finding.State.ONGOING, None
    finding.accepted_by, finding.accepted_reason = None, ""
    finding.save()
    record("finding_reopened", finding, actor, before=before, after={"state": finding.state})
    alerts.finding_reopened(finding)
    return finding


def _locked(finding: Finding) -> Finding:
    # Locked first and read after: whoever waits for a joined row is given the new finding beside the old person.
    pk = Finding.objects.select_for_update().values_list("pk", flat=True).get(pk=finding.pk)
    return Finding.objects.select_related("target", "accepted_by").get(pk=pk)


def _see(run: Run, sighting: Sighting, now: dt.datetime) -> Finding:
    finding, created = Finding.objects.select_for_update().get_or_create(
        target=run.target,
        kind=sighting.kind,
        subject=sighting.subject[:300],
        defaults={
            "task": run.task,
            "title": sighting.title[:300],
            "severity": sighting.severity,
            "first_seen_at": now,
            "last_seen_at": now,
        },
    )
    if not created and not finding.sightings.filter(run=run).exists():
        state = after_sighting(finding.state, finding.accepted_until, now.date())
        if finding.state == Finding.State.RESOLVED:
            finding.first_seen_at = now
        finding.state = Finding.State(state)
        finding.resolved_at = None
    finding.task = run.task
    finding.title, finding.detail, finding.fix = sighting.title[:300], sighting.detail, sighting.fix
    finding.severity, finding.last_seen_at = sighting.severity, now
    finding.save()
    FindingSighting.objects.update_or_create(
        finding=finding, run=run, defaults={"state": finding.state, "severity": finding.severity}
    )
    return finding


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as it stands in a report."""
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "title": finding.title,
        "severity": finding.severity,
        "state": finding.state,
        "detail": finding.detail,
        "fix": finding.fix,
        "first_seen": finding.first_seen_at.isoformat(),
    }
