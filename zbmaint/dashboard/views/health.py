"""`/healthz/live` and `/healthz/ready`: for load balancers and monitoring; no login, no secrets."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from maintenance.checkup import parts
from zbmaint.access.decorators import public


@public
@require_safe
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """The web server answers. 200 always: if it cannot, nobody hears it."""
    return JsonResponse({"ok": True})


@public
@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503; the JSON says which part does not and why."""
    seen = parts()
    ok = all(part.ok for part in seen)
    answer = JsonResponse({"ok": ok, "parts": [asdict(part) for part in seen]}, status=200 if ok else 503)
    # To say no is what it is for: the log of a start would be full of errors that are none.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # how Django tells that an answer is logged already
    return answer
