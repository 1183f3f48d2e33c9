"""`/metrics`: everything that a Prometheus asks for, in its text format."""

from __future__ import annotations

import structlog
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from zbmaint.access.decorators import for_machines
from zbmaint.dashboard.metrics.all_parts import families
from zbmaint.dashboard.metrics.door import UNAUTHORIZED, refusal
from zbmaint.dashboard.metrics.exposition import CONTENT_TYPE, text
from zbmaint.ui.problems import problem

log = structlog.get_logger(__name__)
TITLES = {401: "No valid token", 403: "Not yours to read", 405: "Only GET", 503: "Nothing known"}
HOW = (
    "Send METRICS_TOKEN as `Authorization: Bearer <token>`, or scrape directly from an address in METRICS_ALLOWED: "
    "behind a proxy only the token counts."
)
WRONG = "The Authorization header is not `Bearer <METRICS_TOKEN>`. Correct it; without one the address decides."


@for_machines
def metrics(request: HttpRequest) -> HttpResponse:
    """The page of metrics; who may not read it is told how."""
    if request.method not in ("GET", "HEAD"):
        return _problem(405, "Metrics are read by GET.", {"Allow": "GET, HEAD"})
    refused = refusal(request)
    if refused == UNAUTHORIZED:
        return _problem(refused, WRONG, {"WWW-Authenticate": "Bearer"})
    if refused:
        return _problem(refused, HOW)
    now = timezone.now()
    try:
        page = text(families(now))
    except Error as error:
        log.exception("metrics.not_read")
        return _problem(503, f"The database could not be read ({type(error).__name__}).", {"Retry-After": "15"})
    return HttpResponse(page, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _problem(status: int, says: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return problem(status, TITLES[status], says, headers=headers)
