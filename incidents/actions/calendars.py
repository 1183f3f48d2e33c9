"""What may be done to a calendar: made, changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from incidents.actions.desk import differing, keep, locked, make
from incidents.actions.refusals import DeskRefused
from incidents.actions.tiers import longest
from incidents.models import Calendar, Tier
from incidents.rules import targets
from incidents.rules.business_time import NeverOpen
from zbmaint.access.models import Person


@dataclass(frozen=True)
class CalendarDetails:
    """What people decide about a calendar; `week` and `holidays` as the model keeps them."""

    name: str
    time_zone: str
    week: list[list[list[int]]]
    holidays: list[list[str]]


def create(details: CalendarDetails, *, actor: Person | None) -> Calendar:
    """Make a calendar. Raises DeskRefused, ValidationError."""
    calendar = Calendar(**asdict(details))
    _refuse_shut(calendar)
    return make(calendar, "calendar_created", actor=actor, names=asdict(details))


@transaction.atomic
def change(calendar: Calendar, details: CalendarDetails, *, actor: Person) -> Calendar:
    """Change a calendar, for the tickets that come: a clock that runs keeps the hours with which it began.

    Raises DeskRefused, ValidationError.
    """
    row = locked(calendar)
    before, after = differing(row, asdict(details))
    _refuse_shut(row)
    for tier in Tier.objects.filter(calendar=row).prefetch_related("targets"):
        of_tier = list(tier.targets.all())
        if of_tier and (why := targets.why_not_in(row.hours(), longest(of_tier), timezone.now())):
            raise DeskRefused(f"{tier} works by this calendar. {why}")
    keep(row, "calendar_changed", before, after, actor=actor)
    return row


def _refuse_shut(calendar: Calendar) -> None:
    if not any(calendar.week):
        raise DeskRefused("It is shut all week. Give one day at least its hours.")
    calendar.clean_fields()
    try:
        calendar.hours()
    except (NeverOpen, ValueError) as problem:
        raise DeskRefused(str(problem)) from problem
