"""The page of one finding: what it is, what mends it, and which runs saw it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from maintenance import alerts
from maintenance.models import Finding
from maintenance.views.finding_list import FindingRow
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

NEWEST = 25


@requires("maintenance.view_finding")
@require_GET
def finding(request: SignedIn, finding_id: int) -> HttpResponse:
    """The finding with the newest runs that saw it."""
    found = get_object_or_404(Finding.objects.select_related("target", "accepted_by"), pk=finding_id)
    sightings = list(found.sightings.select_related("run").order_by("-run_id")[:NEWEST])
    ref = str(found.pk)
    row = FindingRow(
        found,
        timezone.now(),
        sightings[0].run_id if sightings else None,
        alerts.tickets_about("finding", [ref]).get(ref),
    )
    times = found.sightings.count() if len(sightings) == NEWEST else len(sightings)
    context = {"row": row, "finding": found, "sightings": sightings, "times": times}
    return render(request, "maintenance/finding.html", context)
