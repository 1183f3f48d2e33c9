"""Freeze maintenance, and lift a freeze."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from maintenance.actions import freezes
from maintenance.forms.asking import FreezeForm
from maintenance.models import Freeze
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask
from zbmaint.ui.words import moment

NEW = Question(
    "Freeze maintenance?",
    "Nothing of the scope starts while it holds: what is due is skipped, with your reason. What runs goes on.",
    "Freeze",
    "Keep going",
)


@requires("maintenance.add_freeze")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Ask for scope, times and reason; a POST freezes."""
    if request.method != "POST":
        return ask(request, NEW, FreezeForm())
    form = FreezeForm(request.POST)
    if not form.is_valid():
        return ask(request, NEW, form, status=422)
    try:
        freeze = freezes.begin(actor=request.user, **form.details())
    except freezes.FreezeRefused as refused:
        form.add_error("ends_at", str(refused))
        return ask(request, NEW, form, status=422)
    messages.success(request, f"Frozen from {moment(freeze.begins_at)} until {moment(freeze.ends_at)}.")
    return redirect("schedule")


@requires("maintenance.change_freeze")
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: SignedIn, freeze_id: int) -> HttpResponse:
    """Ask once more; a POST ends the freeze now."""
    freeze = get_object_or_404(Freeze, pk=freeze_id)
    about = Question(
        "Lift the freeze?",
        f"“{freeze.reason}” ends now instead of {moment(freeze.ends_at)}. What was skipped stays skipped.",
        "Lift the freeze",
        "Keep it",
    )
    if request.method != "POST":
        return ask(request, about, forms.Form())
    try:
        freezes.lift(freeze, actor=request.user)
    except freezes.FreezeRefused as refused:
        return ask(request, about, forms.Form(), refused=refused, status=409)
    messages.success(request, "The freeze is lifted.")
    return redirect("schedule")
