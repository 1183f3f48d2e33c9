"""What happens to findings when a run ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from maintenance.models import Finding, FindingSighting, Run
from maintenance.rules.finding_states import after_sighting
from maintenance.task import Sighting


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
        gone.update(state=Finding.State.RESOLVED, resolved_at=now)
    return seen


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
