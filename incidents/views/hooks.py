"""The doors for alerts: a source delivers, and is told at once whether it is kept.

Senders such as Alertmanager try again after a 5xx and after nothing else. So a 4xx is for what can never succeed, and
everything else that goes wrong is a 503, never a 429.
"""

from __future__ import annotations

import structlog
from django.db import Error
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from incidents.actions.storing import Reason, TurnedAway, count_rejection, store
from incidents.intake import alertmanager, generic
from incidents.intake.body import LARGEST
from zbmaint.access.decorators import for_machines
from zbmaint.ui.problems import problem

log = structlog.get_logger(__name__)
RETRY_SECONDS = "5"
MOST_DRAINED, CHUNK = 8 * LARGEST, 256 * 1024  # bytes
TITLES = {
    400: "Not understood",
    401: "No valid token",
    405: "Only POST",
    413: "Too large",
    503: "Not kept, try again",
}


@for_machines
def from_alertmanager(request: HttpRequest) -> HttpResponse:
    """Alertmanager's webhook, version 4."""
    return _answer(request, alertmanager.KEY)


@for_machines
def from_anybody(request: HttpRequest) -> HttpResponse:
    """One alert in plain JSON."""
    return _answer(request, generic.KEY)


def _answer(request: HttpRequest, kind: str) -> HttpResponse:
    if request.method != "POST":
        return _problem(405, "Alerts are delivered by POST.", {"Allow": "POST"})
    try:
        return _take(request, kind)
    except TurnedAway as why:
        says = f"{why}: deliver with `Authorization: Bearer <token of the source>`."
        return _problem(401, says, {"WWW-Authenticate": "Bearer"})
    except UnreadablePostError:
        return _problem(503, "The body did not arrive.", {"Retry-After": RETRY_SECONDS})
    except Error as error:
        log.error("hook.not_kept", kind=kind, problem=type(error).__name__)
        return _problem(503, "It could not be kept just now.", {"Retry-After": RETRY_SECONDS})


def _take(request: HttpRequest, kind: str) -> HttpResponse:
    token, announced = _token(request), _length(request)
    body = request.read(LARGEST + 1) if announced <= LARGEST else b""
    if announced > LARGEST or len(body) > LARGEST:
        _drain(request, announced)
        count_rejection(Reason.TOO_LARGE, token)
        return _problem(413, f"A delivery has at most {LARGEST // 1024**2} MB.")
    content_type = request.META.get("CONTENT_TYPE", "")
    receipt = store(kind, token, body, content_type, missing=max(0, announced - len(body)))
    if receipt.problem:
        return _problem(400, receipt.problem, delivery=receipt.delivery)
    stored = f'{{"status": "stored", "delivery": {receipt.delivery}}}'
    return HttpResponse(stored, status=202, content_type="application/json")


def _drain(request: HttpRequest, announced: int) -> None:
    """Take what is on its way, within reason: who still sends does not read the answer."""
    for _ in range(min(announced, MOST_DRAINED) // CHUNK + 1):
        if not request.read(CHUNK):
            return


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given) if given.isascii() and given.isdigit() and len(given) < 12 else 0


def _problem(
    status: int, says: str, headers: dict[str, str] | None = None, *, delivery: int | None = None
) -> HttpResponse:
    more = {} if delivery is None else {"delivery": delivery}
    return problem(status, TITLES[status], says, headers=headers, **more)
