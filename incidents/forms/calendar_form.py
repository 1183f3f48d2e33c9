"""The form of a calendar: its week, a text a day, and its holidays."""

from __future__ import annotations

from typing import Any

from incidents.actions.calendars import CalendarDetails
from incidents.forms.desk_fields import HolidaysField, HoursField
from incidents.models import Calendar
from incidents.rules.hours import WEEKDAYS
from zbmaint.access.action_admin import ActionForm

DAYS = tuple(name.lower() for name in WEEKDAYS)


class CalendarForm(ActionForm[Calendar]):
    """What is decided about a calendar."""

    monday = HoursField(required=False, help_text="Such as 08:00-12:00, 13:00-17:00. Empty: shut.")
    tuesday = HoursField(required=False)
    wednesday = HoursField(required=False)
    thursday = HoursField(required=False)
    friday = HoursField(required=False)
    saturday = HoursField(required=False)
    sunday = HoursField(required=False)
    holidays = HolidaysField(rows=8, help_text="One a line, such as 2026-12-25 Christmas Day. It is shut all day.")

    class Meta:
        model = Calendar
        fields = ("name", "time_zone", "holidays")
        help_texts = {"time_zone": "An IANA name such as Africa/Harare. The hours are those of a clock there."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, spans in zip(DAYS, self.instance.week or [[] for _ in DAYS], strict=False):
            self.initial.setdefault(day, spans)

    def details(self) -> CalendarDetails:
        """The values for the action."""
        given = self.cleaned_data
        week = [given[day] for day in DAYS]
        return CalendarDetails(given["name"], given["time_zone"], week, given["holidays"])
