"""Accept a finding until a date, and take that back."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from maintenance.actions import findings
from maintenance.forms.accept_form import AcceptForm, usual_end
from maintenance.models import Finding
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask
from zbmaint.ui.words import day

CONFLICT = 409


@requires("maintenance.accept_finding")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: SignedIn, finding_id: int) -> HttpResponse:
    """Ask until when and why; a POST accepts it."""
    finding = get_object_or_404(Finding.objects.select_related("target"), pk=finding_id)
    about = _question(finding)
    if request.method != "POST":
        return ask(request, about, AcceptForm(initial={"until": usual_end()}))
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return ask(request, about, form, status=422)
    given = form.cleaned_data
    try:
        findings.accept(finding, actor=request.user, until=given["until"], reason=given["reason"])
    except findings.FindingRefused as refused:
        if refused.field is None:
            return ask(request, about, form, refused=refused, status=CONFLICT)
        form.add_error(refused.field, str(refused))
        return ask(request, about, form, status=422)
    messages.success(request, f"Accepted until {day(given['until'])}: {finding}")
    return _back(request, finding)


@requires("maintenance.accept_finding")
@require_POST
def reopen(request: SignedIn, finding_id: int) -> HttpResponse:
    """Take the acceptance back now."""
    finding = get_object_or_404(Finding, pk=finding_id)
    try:
        findings.reopen(finding, actor=request.user)
    except findings.FindingRefused as refused:
        messages.warning(request, f"{finding}: {refused}")
    else:
        messages.success(request, f"Open again: {finding}")
    return _back(request, finding)


def _question(finding: Finding) -> Question:
    where = f" on {finding.target}" if finding.target else ""
    return Question(
        "Accept this finding?",
        f"{finding}{where}. It counts as open no longer and raises no alert until that day has passed, or until "
        "somebody reopens it.",
        "Accept",
        "Keep it open",
        page="findings",
        page_title="Findings",
    )


def _back(request: SignedIn, finding: Finding) -> HttpResponseRedirect:
    """To the list as it was filtered, if they came from it; else to the finding."""
    came_from = request.headers.get("Referer", "")
    # Before it is taken apart: what is no address at all cannot be.
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        if parts.path == reverse("findings"):
            query = f"?{parts.query}" if parts.query else ""
            return redirect(f"{parts.path}{query}#finding-{finding.pk}")
    return redirect(finding)
