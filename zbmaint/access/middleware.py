"""The policy of every page; and signing in, which is demanded everywhere: a page that notices it while polling leaves
for the sign-in page as a whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from zbmaint.ui.problems import is_of_file, problem

MACHINES = ("/hooks/", "/metrics")
HOW = "Only people who are signed in may read this: sign in with a browser, or send the cookie of a session."


class MachineMiddleware:
    """Calls views for machines past everything that only browsers need: a sender waits, and there are many of them.

    It stands first. What it passes by are sessions, people, cookies, CSRF, hosts and headers for pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve the request."""
        if request.path_info.startswith(MACHINES):
            try:
                match = resolve(request.path_info)
            except Resolver404:
                return self.get_response(request)
            if getattr(match.func, "for_machines", False):
                answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
                answer["Content-Length"] = str(len(answer.content))
                answer["X-Content-Type-Options"] = "nosniff"
                return answer
        return self.get_response(request)


class PolicyMiddleware(CSPMiddleware):
    """The content security policy, which is written once in a process while a page has none of its own."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the header."""
        own = any(name.startswith("_csp") for name in response.__dict__) or getattr(request, "_csp_nonce", None)
        if own:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _policy())
        return response


@cache
def _policy() -> str:
    return build_policy()


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends people who are not signed in to the sign-in page, and back afterwards.

    Without this, htmx would follow the redirect and put the sign-in form into the middle of the page, and a program
    that asks for JSON or CSV would take that form for its answer.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: object) -> HttpResponseRedirect:
        """Redirect; for htmx, tell the browser to leave the page, with the page itself as `next`; for a program that
        asks for JSON or CSV, answer 401 with a problem."""
        details = HtmxDetails(request)
        # Who opens a file in a browser is a person, who can sign in and gets it then.
        if not details and is_of_file(request) and "text/html" not in request.headers.get("Accept", ""):
            return problem(401, "Not signed in", HOW)  # type: ignore[return-value]  # no redirect, on purpose
        if not details:
            return redirect_to_login(request.get_full_path())
        here = details.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)
        # It answers 200 with a header: a real redirect would be followed before htmx sees it.
        return HttpResponseClientRedirect(redirect_to_login(here).url)  # type: ignore[return-value]  # a redirect all the same
