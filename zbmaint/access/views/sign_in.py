"""Sign-in, sign-out, and what people see who tried too often."""

from __future__ import annotations

import datetime as dt

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zbmaint.access.actions import sessions
from zbmaint.access.decorators import public, signed_in
from zbmaint.access.forms import SignInForm
from zbmaint.access.models import Person
from zbmaint.access.requests import SignedIn
from zbmaint.ui.context import keep_theme


@public
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; afterwards on to `next`, when that is a page of ours."""
    goal = next_page(request)
    if isinstance(request.user, Person):
        return redirect(goal)
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = form.person
        login(request, person)
        # Without the tick the session ends with the browser.
        request.session.set_expiry(None if form.cleaned_data["remember"] else 0)
        sessions.signed_in(person)
        return keep_theme(redirect(goal), person.theme)
    if form.is_bound:
        record_failure(request, form)
    return render(request, "access/sign_in.html", {"form": form, "next": goal}, status=422 if form.is_bound else 200)


def next_page(request: HttpRequest) -> str:
    """The page to go on to: `next` if it is on this site, or the overview."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def record_failure(request: HttpRequest, form: AuthenticationForm) -> None:
    """Record a failed sign-in. Tries while the name is locked are not recorded: they could fill the audit log."""
    locked = bool(getattr(request, "axes_locked_out", False))
    counted = getattr(request, "axes_failures_since_start", None) is not None
    if counted and "username" in form.cleaned_data:
        sessions.sign_in_failed(form.cleaned_data["username"], locked=locked)


def locked_out(request: HttpRequest, _: HttpResponse | None, credentials: dict[str, str] | None) -> HttpResponse:
    """Answer 429 with the time from which on signing in works again (django-axes calls this)."""
    username = (credentials or {}).get("username", "")
    tries = AccessAttempt.objects.filter(username=username, ip_address=request.META.get("REMOTE_ADDR"))
    last = tries.order_by("-attempt_time").values_list("attempt_time", flat=True).first() or timezone.now()
    until: dt.datetime = last + settings.AXES_COOLOFF_TIME
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    answer = render(request, "access/locked_out.html", {"until": until, "seconds": seconds}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


@signed_in
@require_POST
def sign_out(request: SignedIn) -> HttpResponse:
    """End the session."""
    sessions.signed_out(request.user)
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)
