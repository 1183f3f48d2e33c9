"""The log of a run: new lines for the live page, all of it as text."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from maintenance.forms.run_filter import number
from maintenance.models import LogLine, Run
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

BATCH = 500  # lines an answer holds at most
NO_CONTENT = 204
STOP_POLLING = 286


@requires("maintenance.view_run")
@require_GET
def lines(request: SignedIn, run_id: int) -> HttpResponse:
    """The lines after number `after`, oldest first. 204 when there are none yet, 286 with the last of an ended run.

    The state is read before the lines: of a run that had ended by then, no line can be missing.
    """
    run = get_object_or_404(Run.objects.only("state"), pk=run_id)
    after = number(request.GET.get("after", ""))
    new = list(run.log_lines.filter(number__gt=after).order_by("number")[: BATCH + 1])
    complete = not run.is_active and len(new) <= BATCH
    if not new and not complete:
        return HttpResponse(status=NO_CONTENT)
    context = {"run": run, "lines": new[:BATCH], "ended": complete}
    return render(request, "maintenance/run.html#lines", context, status=STOP_POLLING if complete else 200)


@requires("maintenance.view_run")
@require_GET
def as_text(_request: SignedIn, run_id: int) -> HttpResponse:
    """The whole log, one line each: time (UTC), level, text."""
    run = get_object_or_404(Run.objects.only("pk"), pk=run_id)
    answer = HttpResponse(text_lines(run), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="run-{run.pk}.log"'
    return answer


def text_lines(run: Run) -> Iterator[str]:
    """Each log line as text with its line end."""
    found: Iterator[LogLine] = run.log_lines.order_by("number").iterator(chunk_size=2000)
    for line in found:
        yield f"{line.at:%Y-%m-%dT%H:%M:%SZ} {line.level:<5} {line.text}\n"
