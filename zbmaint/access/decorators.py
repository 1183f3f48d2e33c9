"""`@requires("app.permission")`, `@signed_in`, `@public`: every view says with one of them who may open it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from zbmaint.access.denied import denied

View = Callable[..., HttpResponseBase]


def requires(permission: str) -> Callable[[View], View]:
    """Let in people whose role holds `permission`; others get the 403 page that names the roles which do.

    Signing in itself is demanded everywhere by the middleware; `public` is the exception.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                return denied(request, permission)
            return view(request, *args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]  # the access table test reads it
        return guarded

    return decorate


def signed_in(view: View) -> View:
    """Let in everybody who is signed in: for what belongs to the person, such as the profile."""
    view.access = "signed in"  # type: ignore[attr-defined]  # the access table test reads it
    return view


def for_machines(view: View) -> View:
    """Let in any program: it shows a token of its own, which the view asks for, and has neither session nor cookie.

    Below `zbmaint.access.middleware.MACHINES` such a view is called past everything that only browsers need.
    """
    open_to_all = csrf_exempt(public(view))
    open_to_all.for_machines = True  # type: ignore[attr-defined]  # the middleware reads it
    return open_to_all


def public(view: View) -> View:
    """Let in anybody, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]  # the access table test reads it
    return login_not_required(view)
