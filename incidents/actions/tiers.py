"""What may be done to a tier: named, worded, given a calendar, targets, a cap and somebody on call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from incidents.actions.desk import differing, keep, locked
from incidents.actions.loads import who_may_work
from incidents.actions.refusals import DeskRefused
from incidents.models import Calendar, ResponseTarget, Tier
from incidents.rules import assigning, business_time, targets
from zbmaint.access.models import Person

LONGEST_LINE = 200


@dataclass(frozen=True)
class Target:
    """Of one severity: minutes to the response, to the resolution (None: no target), and of pauses at most."""

    response_minutes: int
    resolution_minutes: int | None
    pause_cap_minutes: int


@dataclass(frozen=True)
class TierDetails:
    """What people decide about a tier. `targets` has one for each severity."""

    name: str
    responsibilities: list[str]
    criteria: list[str]
    calendar: Calendar | None
    on_call: Person | None
    open_cap: int
    targets: Mapping[str, Target]


@transaction.atomic
def change(tier: Tier, details: TierDetails, *, actor: Person) -> Tier:
    """Set up a tier. Tickets that come to it from now on get the targets and the calendar; clocks that run keep theirs.

    Raises DeskRefused, ValidationError.
    """
    row = locked(tier)
    for field, lines in (("responsibilities", details.responsibilities), ("criteria", details.criteria)):
        _refuse_lines(field, lines)
    _refuse_targets(details)
    if details.on_call is not None and details.on_call != row.on_call:
        _refuse_on_call(row, details.on_call)
    before, after = differing(row, {name: getattr(details, name) for name in FIELDS})
    for severity, wanted in details.targets.items():
        target = ResponseTarget.objects.existing(row, severity)
        was, becomes = differing(target, asdict(wanted))
        if becomes:
            target.save()
        before |= {f"{severity}_{name}": value for name, value in was.items()}
        after |= {f"{severity}_{name}": value for name, value in becomes.items()}
    keep(row, "tier_changed", before, after, actor=actor)
    return row


FIELDS = ("name", "responsibilities", "criteria", "calendar", "on_call", "open_cap")


def person_left(person: Person) -> list[Tier]:
    """A person has left, and is on call no more. Part of the transaction that retires them.

    Returns the tiers for which nobody is now.
    """
    tiers = list(Tier.objects.filter(on_call=person).order_by("number"))
    for tier in tiers:
        row = locked(tier)
        before, after = differing(row, {"on_call": None})
        keep(row, "tier_on_call_left", before, after, actor=None)
    return tiers


def why_not_on_call(tier: Tier, person: Person) -> str | None:
    """Why `person` cannot be on call for `tier`; None when they can."""
    return assigning.why_not_on_call(
        name=str(person),
        active=person.is_active,
        may=who_may_work().filter(pk=person.pk).exists(),
        person_tier=person.tier,
        tier=tier.number,
    )


def longest(of_tier: Iterable[Target | ResponseTarget]) -> int:
    """The longest target of a tier, in minutes."""
    return max(max(one.response_minutes, one.resolution_minutes or 0) for one in of_tier)


def _refuse_on_call(tier: Tier, person: Person) -> None:
    if why := why_not_on_call(tier, person):
        raise DeskRefused(why, "on_call")


def _refuse_lines(field: str, lines: list[str]) -> None:
    if not lines:
        raise DeskRefused("Name one at least: a ticket is handed on for one of these.", field)
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise DeskRefused(f"A line has at most {LONGEST_LINE} characters: “{line[:40]}…” has {len(line)}.", field)
        if lines.count(line) > 1:
            raise DeskRefused(f"“{line}” stands here twice.", field)


def _refuse_targets(details: TierDetails) -> None:
    for severity, target in details.targets.items():
        if why := targets.why_not_resolution(target.response_minutes, target.resolution_minutes):
            raise DeskRefused(why, f"{severity}_resolution")
    hours = details.calendar.hours() if details.calendar else business_time.ALWAYS
    if why := targets.why_not_in(hours, longest(details.targets.values()), timezone.now()):
        raise DeskRefused(f"{details.calendar}: {why}", "calendar")
