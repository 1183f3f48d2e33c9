"""The next five times of a schedule as a form has it, before it is saved."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import islice

from cronsim import CronSimError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from maintenance.rules import cron
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

TIMES = 5
TEMPLATE = "maintenance/next_times.html"


@dataclass(frozen=True)
class NextTime:
    """One due time, also on the clock of the schedule's zone; `held` while the schedule is paused."""

    utc: dt.datetime
    local: str
    held: bool = False


@dataclass(frozen=True)
class Preview:
    """What a form means: in words, with its next times; or what is wrong with it."""

    words: str = ""
    times: tuple[NextTime, ...] = ()
    wrong: str = ""


def preview(when: str, zone: str, paused_until: dt.date | None = None) -> Preview:
    """Read `when` (cron or words) in `zone`; times before `paused_until` are held."""
    if not when.strip():
        return Preview("Say when, and its next times stand here.")
    try:
        text = cron.to_cron(when)
        place = cron.zone(zone)
        due = list(islice(cron.due_times(text, zone, timezone.now()), TIMES))
    except (cron.BadTime, CronSimError, ValueError) as problem:
        return Preview(wrong=str(problem))
    times = (
        NextTime(
            moment,
            f"{moment.astimezone(place):%a %H:%M} {zone}" if zone != "UTC" else "",
            paused_until is not None and moment.date() < paused_until,
        )
        for moment in due
    )
    return Preview(cron.in_words(text), tuple(times))


def shown(when: str, zone: str, paused_until: dt.date | None = None) -> SafeString:
    """The preview as a piece of a page."""
    return render_to_string(TEMPLATE, {"preview": preview(when, zone, paused_until)})


@requires("maintenance.view_schedule")
@require_GET
def next_times(request: SignedIn) -> HttpResponse:
    """The preview of `when` and `time_zone` of the query."""
    # What could never fit the columns is not worth reading.
    when, zone = request.GET.get("when", "")[:120], request.GET.get("time_zone", "")[:64]
    return render(request, TEMPLATE, {"preview": preview(when, zone)})
