"""What people decide about themselves: profile page, preferences from the account menu, password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zbmaint.access.actions import people
from zbmaint.access.decorators import signed_in
from zbmaint.access.forms import OwnPasswordForm, PreferencesForm, ProfileForm
from zbmaint.access.models import Person
from zbmaint.access.permissions import WORDS
from zbmaint.access.requests import SignedIn
from zbmaint.ui.context import keep_theme


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedIn) -> HttpResponse:
    """Name, e-mail, time zone, looks and keys."""
    # A copy: the form writes what was typed into its instance, also when it is refused.
    form = ProfileForm(
        request.POST if request.method == "POST" else None, instance=Person.objects.get(pk=request.user.pk)
    )
    if request.method == "POST" and form.is_valid():
        person = people.change_profile(request.user, **form.cleaned_data)
        messages.success(request, "Profile saved")
        return keep_theme(redirect("profile"), person.theme)
    may = [words for name, words in WORDS.items() if request.user.has_perm(name)]
    return render(request, "access/profile.html", {"form": form, "may": may}, status=422 if form.is_bound else 200)


@signed_in
@require_POST
def preferences(request: SignedIn) -> HttpResponse:
    """Theme, density or single keys, from the account menu or the list of shortcuts."""
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Not a theme, density or switch that exists", status=422, content_type="text/plain")
    person = people.change_profile(request.user, **form.chosen())
    answer = HttpResponse(status=204) if request.htmx else redirect("profile")
    return keep_theme(answer, person.theme)


@signed_in
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: SignedIn) -> HttpResponse:
    """Change one's own password; other sessions end, this one stays."""
    form = OwnPasswordForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = people.set_password(request.user, form.cleaned_data["new_password1"], actor=request.user)
        update_session_auth_hash(request, person)
        messages.success(request, "Password changed. Other sessions have ended.")
        return redirect("profile")
    return render(request, "access/password.html", {"form": form}, status=422 if form.is_bound else 200)
