"""Maintenance windows: the list, asking for one, approving and withdrawing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from maintenance import notices
from maintenance.actions import windows as actions
from maintenance.forms.window_form import WindowForm
from maintenance.models import MaintenanceWindow, WindowState
from maintenance.rules.amounts import count
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask
from zbmaint.ui.words import duration, moment

MOST: Final = 50
# The tone and the icon of each state.
LOOKS: Final = {
    WindowState.ASKED: ("waiting", "state-waiting"),
    WindowState.AHEAD: ("pending", "clock"),
    WindowState.HOLDS: ("running", "state-running"),
    WindowState.OVER: ("pending", "state-succeeded"),
    WindowState.WITHDRAWN: ("pending", "state-cancelled"),
}
HERE: Final = {"page": "windows", "page_title": "Maintenance windows"}
NEW: Final = Question(
    "Ask for a maintenance window?",
    "Once somebody has approved it, stakeholders are told, if there are any. While it holds the services show as in "
    "maintenance, no ticket is opened, and their being down does not lower the uptime.",
    "Ask for it",
    "Back",
    **HERE,
)


@dataclass(frozen=True)
class Line:
    """A window as a row shows it. `may_approve` says whether this reader may."""

    window: MaintenanceWindow
    state: WindowState
    may_approve: bool

    @property
    def tone(self) -> str:
        """What colour it has."""
        return LOOKS[self.state][0]

    @property
    def icon(self) -> str:
        """Which icon."""
        return LOOKS[self.state][1]

    @property
    def lasts(self) -> str:
        """How long."""
        return duration(self.window.length)

    @property
    def late(self) -> bool:
        """Whether it was approved after it had begun."""
        return self.window.approved_at is not None and self.window.approved_at > self.window.begins_at


@requires("maintenance.view_probe")
@require_GET
def windows(request: SignedIn) -> HttpResponse:
    """Those that are to be approved, to come or going on, and the last ones that are over."""
    now = timezone.now()
    open_ones = Q(withdrawn_at__isnull=True) & (Q(approved_at__isnull=True) | Q(ends_at__gt=now))
    past = MaintenanceWindow.objects.exclude(open_ones)
    context = {
        "waiting": _lines(request, MaintenanceWindow.objects.filter(open_ones).order_by("begins_at", "id"), now),
        "past": _lines(request, past, now),
        "most": MOST,
    }
    return render(request, "maintenance/windows.html", context)


@requires("maintenance.add_maintenancewindow")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Ask for services, times and reason; a POST asks for the window."""
    if request.method != "POST":
        return ask(request, NEW, WindowForm())
    form = WindowForm(request.POST)
    if form.is_valid():
        try:
            window = actions.request(form.wanted(), actor=request.user)
        except actions.WindowRefused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, f"Asked for, from {moment(window.begins_at)} until {moment(window.ends_at)}.")
            return redirect("windows")
    return ask(request, NEW, form, status=422)


@requires("maintenance.approve_maintenancewindow")
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: SignedIn, window_id: int) -> HttpResponse:
    """Ask once more; a POST lets the window count. Of one that does, or is withdrawn, a GET says so."""
    window = _window(window_id)
    if request.method != "POST" and (window.approved_at or window.withdrawn_at):
        return _settled(request, window)
    late = timezone.now() >= window.begins_at
    erases = " It has begun: down time that began before now is taken out of the uptime, and listed as erased."
    about = Question(
        "Approve the maintenance window?",
        f"“{window.reason}” from {moment(window.begins_at)} until {moment(window.ends_at)}. Stakeholders are told, if "
        "there are any." + erases * late,
        "Approve it",
        "Not now",
        **HERE,
    )
    return _deed(request, window, about, actions.approve, _approved)


def _approved(window: MaintenanceWindow) -> str:
    told = notices.told_of_window(window)
    queued = f"A notice is queued for {count(told, 'stakeholder')}."
    return f"The window is approved. {queued if told else 'There is no stakeholder to tell.'}"


@requires("maintenance.add_maintenancewindow")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SignedIn, window_id: int) -> HttpResponse:
    """Ask once more; a POST lets the window count no more. Of one that does not a GET says so and asks nothing."""
    window = _window(window_id)
    if request.method != "POST" and window.withdrawn_at:
        return _settled(request, window)
    about = Question(
        "Withdraw the maintenance window?",
        f"“{window.reason}” from {moment(window.begins_at)} counts no more, also for what has passed of it: down time "
        "in it lowers the uptime. Stakeholders who were told of it are told.",
        "Withdraw it",
        "Keep it",
        **HERE,
    )
    return _deed(request, window, about, actions.withdraw, lambda _: "The window is withdrawn.")


def _window(window_id: int) -> MaintenanceWindow:
    return get_object_or_404(MaintenanceWindow.objects.select_related("approved_by", "withdrawn_by"), pk=window_id)


def _settled(request: SignedIn, window: MaintenanceWindow) -> HttpResponse:
    """That it was approved or withdrawn already: a page, or for htmx what goes into the dialog."""
    if window.withdrawn_at:
        title, says = "The window is withdrawn", f"{window.withdrawn_by} has withdrawn it"
    else:
        title, says = "The window is approved", f"{window.approved_by} has approved it"
    at = window.withdrawn_at or window.approved_at
    context = {"window": window, "title": title, "says": f"{says}, {moment(at)}." if at else f"{says}."}
    template = "maintenance/window_settled.html"
    return render(request, f"{template}#dialog" if request.htmx else template, context)


def _deed(
    request: SignedIn,
    window: MaintenanceWindow,
    about: Question,
    action: Callable[..., MaintenanceWindow],
    done: Callable[[MaintenanceWindow], str],
) -> HttpResponse:
    if request.method != "POST":
        return ask(request, about, forms.Form())
    try:
        action(window, actor=request.user)
    except actions.WindowRefused as refused:
        return ask(request, about, forms.Form(), refused=refused, status=409)
    messages.success(request, done(window))
    return redirect("windows")


def _lines(request: SignedIn, rows: QuerySet[MaintenanceWindow], now: dt.datetime) -> list[Line]:
    may = request.user.has_perm("maintenance.approve_maintenancewindow")
    found = rows.select_related("requested_by", "approved_by", "withdrawn_by").prefetch_related("services")[:MOST]
    return [
        Line(
            window,
            window.state_at(now),
            may
            and window.approved_at is None
            and (window.begins_at > now or window.requested_by_id != request.user.pk),
        )
        for window in found
    ]
