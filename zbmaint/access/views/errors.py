"""Pages for requests that went wrong."""

from __future__ import annotations

import secrets

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from zbmaint.access.denied import denied
from zbmaint.ui.problems import is_of_file, problem

log = structlog.get_logger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django names it
    """400: malformed."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django names it
    """403 that no view explained: nobody may do this."""
    return denied(request, None)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django names it
    """404: a page, or a problem where JSON or CSV was asked for."""
    if is_of_file(request):
        return problem(404, "Not found", "There is nothing at this address, or nothing any more.")
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, made without the database and without context processors: they may be what failed."""
    reference = secrets.token_hex(4)
    log.error("server error", reference=reference, path=request.path)
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose protection against forgery does not fit, most often because of a newer sign-in."""
    log.warning("csrf failure", reason=reason, path=request.path)
    text = "The form was open for too long, or you have signed in again since. Go back, reload the page, send it again."
    if request.headers.get("HX-Request"):
        toast = {"tone": "danger", "symbol": "state-failed", "text": "Nothing was changed.", "more": text}
        return render(request, "ui/toast.html", toast, status=403)
    return render(request, "400.html", {"reason": text, "status": 403}, status=403)
