"""The overview: what runs now, what ran last, what is found wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from maintenance.models import Finding, Run, Severity
from maintenance.models.finding import still_open
from maintenance.views.run_list import RunRow
from zbmaint.access.decorators import signed_in
from zbmaint.access.requests import SignedIn

LAST = 8
NOW = 5


@dataclass(frozen=True)
class Overview:
    """What the page shows. `findings` has every severity, worst first, with the number of open findings."""

    now: list[RunRow]
    last: list[RunRow]
    findings: list[tuple[str, int]]

    @property
    def findings_in_all(self) -> int:
        """Open findings of every severity."""
        return sum(count for _, count in self.findings)


def read() -> Overview:
    """Read the overview: three queries."""
    runs = Run.objects.select_related("target", "requested_by").defer("report", "facts", "parameters", "error")
    counted = dict(
        Finding.objects.filter(still_open(timezone.now().date()))
        .order_by()
        .values_list("severity")
        .annotate(count=Count("pk"))
    )
    return Overview(
        now=[RunRow(run) for run in runs.active()[:NOW]],
        last=[RunRow(run) for run in runs.finished()[:LAST]],
        findings=[(severity, counted.get(severity, 0)) for severity in Severity.values],
    )


@signed_in
@require_safe
@vary_on_headers("HX-Request")  # or "back" in the browser shows a cached fragment as the page
def overview(request: SignedIn) -> HttpResponse:
    """The page, or its moving part when htmx asks; somebody who may not see runs gets it without them."""
    seen = read() if request.user.has_perm("maintenance.view_run") else None
    fragment = "#moving" if request.htmx and not request.htmx.history_restore_request else ""
    return render(request, f"dashboard/overview.html{fragment}", {"seen": seen, "today": timezone.now()})
