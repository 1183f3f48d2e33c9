"""Calendars in Django admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone

from incidents.actions import calendars
from incidents.admin.desk import DeskAdmin
from incidents.forms.calendar_form import DAYS, CalendarForm
from incidents.models import Calendar
from incidents.rules import hours
from incidents.rules.business_time import NeverOpen
from zbmaint.access.requests import SignedIn
from zbmaint.ui.words import moment


@admin.register(Calendar)
class CalendarAdmin(DeskAdmin[Calendar]):
    """Calendars: made, changed."""

    form = CalendarForm
    list_display = ("name", "time_zone", "opens")
    readonly_fields = ("opens", "week_shown")

    def get_fieldsets(self, request: SignedIn, obj: Calendar | None = None) -> object:  # type: ignore[override]  # admin's own request type is wider
        """Who only looks gets the week as text."""
        first = ("name", "time_zone", "opens") if obj else ("name", "time_zone")
        week = DAYS if self.has_change_permission(request, obj) else ("week_shown",)
        return [(None, {"fields": first}), ("Hours", {"fields": week}), ("Holidays", {"fields": ("holidays",)})]

    @admin.display(description="Next opening")
    def opens(self, calendar: Calendar) -> str:
        """When it opens next."""
        now = timezone.now()
        try:
            at = hours.opens_at(calendar.hours(), now)
        except (NeverOpen, ValueError, LookupError) as problem:
            return str(problem)  # a row that SQL has broken
        return "Open now" if at == now else moment(at)

    @admin.display(description="Week")
    def week_shown(self, calendar: Calendar) -> str:
        """The hours of each day."""
        days = zip(hours.WEEKDAYS, calendar.week, strict=False)
        return "; ".join(f"{day} {hours.written(spans) or 'shut'}" for day, spans in days)

    def save_model(self, request: SignedIn, obj: Calendar, form: CalendarForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Make or change the calendar."""
        if change:
            calendars.change(obj, form.details(), actor=request.user)
        else:
            obj.pk = calendars.create(form.details(), actor=request.user).pk
