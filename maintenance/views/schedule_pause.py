"""Pause a schedule, and resume it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from maintenance.actions import schedules
from maintenance.forms.asking import PauseForm, tomorrow
from maintenance.models import Schedule
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask

FIELDS = {"pause_reason": "reason", "paused_until": "until"}


@requires("maintenance.pause_schedule")
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: SignedIn, key: str) -> HttpResponse:
    """Ask why and until when; a POST pauses it."""
    schedule = get_object_or_404(Schedule.objects.active(), key=key)
    about = Question(
        f"Pause {schedule}?",
        "What is due meanwhile is skipped, with your reason. What runs goes on to its end.",
        "Pause",
        "Keep it going",
    )
    if request.method != "POST":
        return ask(request, about, PauseForm(initial={"until": tomorrow()}))
    form = PauseForm(request.POST)
    if form.is_valid():
        try:
            given = form.cleaned_data
            schedules.pause(schedule, actor=request.user, reason=given["reason"], until=given["until"])
        except schedules.ScheduleRefused as refused:
            form.add_error(FIELDS.get(refused.field or ""), str(refused))
        else:
            messages.success(request, f"{schedule} is paused.")
            return redirect("schedule")
    return ask(request, about, form, status=422)


@requires("maintenance.pause_schedule")
@require_POST
def resume(request: SignedIn, key: str) -> HttpResponse:
    """End the pause now."""
    schedule = get_object_or_404(Schedule.objects.active(), key=key)
    try:
        schedules.resume(schedule, actor=request.user)
    except schedules.ScheduleRefused as refused:
        messages.warning(request, f"{schedule}: {refused}")
    else:
        messages.success(request, f"{schedule} goes on.")
    return redirect("schedule")
