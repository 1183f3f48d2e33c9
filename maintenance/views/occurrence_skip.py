"""Skip one due time of a task, and take that back."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from maintenance.actions import occurrences
from maintenance.forms.asking import ReasonForm
from maintenance.models import Occurrence, ScheduledTask
from maintenance.rules.cron import BadTime
from maintenance.tasks.catalog import title_of
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask
from zbmaint.ui.words import moment

FURTHEST = dt.timedelta(days=400)


@requires("maintenance.skip_occurrence")
@require_http_methods(["GET", "HEAD", "POST"])
def skip(request: SignedIn, task_id: int, stamp: int) -> HttpResponse:
    """Ask why the time `stamp` (seconds since 1970) of the task shall be skipped; a POST skips it."""
    task = get_object_or_404(ScheduledTask.objects.select_related("schedule"), pk=task_id)
    due_at, name = read_stamp(stamp), task.label or title_of(task.task)
    about = Question(
        f"Skip {name} this once?",
        f"It is due {moment(due_at)}, by {task.schedule}. It can be taken back while it can still start.",
        "Skip",
        "Keep it",
    )
    if request.method != "POST":
        return ask(request, about, ReasonForm())
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return ask(request, about, form, status=422)
    try:
        occurrences.skip(task, due_at, actor=request.user, reason=form.cleaned_data["reason"])
    except (occurrences.OccurrenceRefused, BadTime) as refused:
        return ask(request, about, form, refused=refused, status=409)
    messages.success(request, f"{name} is skipped {moment(due_at)}.")
    return redirect("schedule")


@requires("maintenance.skip_occurrence")
@require_POST
def take_back(request: SignedIn, occurrence_id: int) -> HttpResponse:
    """Undo a person's skip."""
    occurrence = get_object_or_404(Occurrence.objects.select_related("scheduled_task"), pk=occurrence_id)
    name = occurrence.scheduled_task.label or title_of(occurrence.task)
    try:
        occurrences.take_back(occurrence, actor=request.user)
    except occurrences.OccurrenceRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"{name} is due again {moment(occurrence.due_at)}.")
    return redirect("schedule")


def read_stamp(stamp: int) -> dt.datetime:
    """The due time that an address names; Http404 when it lies too far away to be one."""
    now = timezone.now()
    if abs(stamp - now.timestamp()) > FURTHEST.total_seconds():
        raise Http404("No time of a schedule.")
    return dt.datetime.fromtimestamp(stamp, dt.UTC)
