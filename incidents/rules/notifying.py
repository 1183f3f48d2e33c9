"""Who is told of what, by which channel, and when not. Pure, tested by table."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from incidents.rules import severities, ticket_states
from incidents.rules.clocks import BREACH, WARNINGS

OPENED: Final = "opened"
ESCALATED: Final = "escalated"
RAISED: Final = "raised"
RESOLVED: Final = "resolved"
BREACHED: Final = "breached"
ASSIGNED: Final = "assigned"
AT_RISK: Final = "at_risk"
STATUS: Final = "status"
CLEARED: Final = "cleared"
# What people choose by, the most important one first: of several at the same moment a person is told the first alone.
EVENTS: Final = {
    OPENED: "A new ticket",
    ESCALATED: "A ticket is handed on",
    RAISED: "A ticket becomes worse",
    RESOLVED: "A ticket is resolved",
    BREACHED: "A target is missed",
    ASSIGNED: "A ticket is assigned",
    AT_RISK: "A target is at risk",
    STATUS: "Another change of status",
    CLEARED: "The source of a ticket is clear again",
}
WEEKLY: Final = "weekly"
HEALTH: Final = "health"
HEALTH_DAILY: Final = "health_daily"


@dataclass(frozen=True)
class ReportEvent:
    """A report that people may choose to be sent. `permission` is who may have it; those who also hold `unasked` get it
    by e-mail without a rule of their own (empty: nobody does)."""

    words: str
    permission: str
    unasked: str = ""


# Of no ticket, and told to whoever chooses it.
REPORTS: Final = {
    WEEKLY: ReportEvent("The weekly report", "maintenance.view_weeklyreport", "maintenance.add_weeklyreport"),
    HEALTH: ReportEvent("The health of the platform changes", "maintenance.view_probe"),
    HEALTH_DAILY: ReportEvent("The health report, once a day", "maintenance.view_probe"),
}
# What somebody has to act on: nobody told is a fault, and it waits no longer once somebody has begun.
CALLS: Final = frozenset({OPENED, ESCALATED, RAISED, BREACHED, ASSIGNED, AT_RISK})

ASSIGNEE: Final = "assignee"
ON_CALL: Final = "on_call"
WATCHER: Final = "watcher"
EARLIER: Final = "earlier"
STAKEHOLDER: Final = "stakeholder"
DUTY: Final = frozenset({ASSIGNEE, ON_CALL})
ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    OPENED: (ASSIGNEE, ON_CALL, WATCHER, STAKEHOLDER),
    ESCALATED: (ASSIGNEE, ON_CALL, WATCHER, STAKEHOLDER),
    RAISED: (ASSIGNEE, ON_CALL, WATCHER, STAKEHOLDER),
    RESOLVED: (ASSIGNEE, WATCHER, EARLIER, STAKEHOLDER),
    BREACHED: (ASSIGNEE, ON_CALL, WATCHER, STAKEHOLDER),
    ASSIGNED: (ASSIGNEE, EARLIER),
    AT_RISK: (ASSIGNEE, ON_CALL),
    STATUS: (ASSIGNEE, WATCHER, EARLIER, STAKEHOLDER),
    CLEARED: (ASSIGNEE, WATCHER, STAKEHOLDER),
}

EMAIL: Final = "email"
CHAT: Final = "chat"
CHANNELS: Final = (EMAIL, CHAT)
CHANNEL_WORDS: Final = {EMAIL: "e-mail", CHAT: "chat"}


@dataclass(frozen=True)
class Told:
    """A line of the timeline, as far as it matters here: `changed` is {field: (before, after)}."""

    kind: str
    changed: Mapping[str, Sequence[object]]
    by_person: bool
    threshold: int = 0


def happened(lines: Sequence[Told]) -> list[str]:
    """The events that these lines are, each once, the most important one first."""
    found = {event for line in lines for event in _events(line)}
    return [event for event in EVENTS if event in found]


def _events(line: Told) -> set[str]:
    found = set()
    if line.kind == "opened":
        found.add(OPENED)
    if line.kind in ("escalated", "handed_back", "vendor"):
        found.add(ESCALATED)
    if line.kind == "clock":
        found |= {BREACHED} if line.threshold >= BREACH else {AT_RISK} if line.threshold >= WARNINGS[-1] else set()
    if "clear" in line.changed and line.changed["clear"][1]:
        found.add(CLEARED)
    if "assignee" in line.changed and line.changed["assignee"][1] is not None:
        found.add(ASSIGNED)
    if "severity" in line.changed and line.kind != "opened" and became_worse(line.changed["severity"]):
        found.add(RAISED)
    if "status" in line.changed and line.kind != "opened":
        after = line.changed["status"][1]
        if after == ticket_states.RESOLVED:
            found.add(RESOLVED)
        elif after != ticket_states.CLOSED or line.by_person:  # what is put away by itself after days is no news
            found.add(STATUS)
    return found


def became_worse(change: Sequence[object]) -> bool:
    """Whether a change of severity (from, to) is one for the worse."""
    before, after = (severities.WORST_FIRST.index(str(one)) for one in change)
    return after < before


def first_for(events: Sequence[str], roles: Collection[str]) -> tuple[str, str] | None:
    """What somebody with these roles is told, and as what; None when nothing of it is for them."""
    for event in events:
        for role in ROLES[event]:
            if role in roles:
                return event, role
    return None


@dataclass(frozen=True)
class Wish:
    """By which channels, from which severity up."""

    channels: tuple[str, ...]
    least: str = severities.LOW

    def covers(self, severity: str) -> bool:
        """Whether a ticket of `severity` is bad enough."""
        return severities.WORST_FIRST.index(severity) <= severities.WORST_FIRST.index(self.least)


def channels_for(severity: str, *, wish: Wish | None, minimum: Wish | None, has: Collection[str]) -> tuple[str, ...]:
    """By which of the channels that somebody `has` they are told.

    Without a wish of theirs by e-mail. A minimum, for whoever has to answer, holds whatever they wish. Who wants to be
    told by a channel that they do not have is told by another.
    """
    wanted: set[str] = {EMAIL} if wish is None else set(wish.channels) if wish.covers(severity) else set()
    if minimum is not None and minimum.covers(severity):
        wanted |= set(minimum.channels)
    reachable = tuple(channel for channel in CHANNELS if channel in wanted and channel in has)
    if wanted and not reachable:
        return tuple(channel for channel in CHANNELS if channel in has)[:1]
    return reachable


def usual_channels(event: str, may: Callable[[str], bool]) -> tuple[str, ...]:
    """By which channels somebody is told of an event who has no rule of their own; `may` says what they may do."""
    report = REPORTS.get(event)
    if report is None:
        return (EMAIL,)
    return (EMAIL,) if report.unasked and may(report.permission) and may(report.unasked) else ()


def quiet_until(
    now: dt.datetime, *, zone: str, begins: dt.time | None, ends: dt.time | None, severity: str
) -> dt.datetime | None:
    """When the quiet hours end in which `now` lies, in UTC; None outside, without any, and for what is critical.

    `begins` and `ends` are times of day in `zone`; hours that end before they begin go over midnight.
    """
    if begins is None or ends is None or begins == ends or severity == severities.CRITICAL:
        return None
    try:
        place = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        place = zoneinfo.ZoneInfo("UTC")
    local = now.astimezone(place)
    clock = local.time().replace(tzinfo=None)
    over_midnight = ends < begins
    inside = clock >= begins or clock < ends if over_midnight else begins <= clock < ends
    if not inside:
        return None
    day = local.date() + dt.timedelta(days=1 if over_midnight and clock >= begins else 0)
    return dt.datetime.combine(day, ends, tzinfo=place).astimezone(dt.UTC)


def why_nobody(reasons: Sequence[str]) -> str:
    """Why nobody could be told, as the rest of a sentence."""
    said = list(dict.fromkeys(reasons)) or ["nobody is set to be told"]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def why_not_chat(name: str) -> str | None:
    """Why this is not the name of a variable with the address of a chat; None when it is."""
    if name.startswith("CHAT_") and name.replace("_", "").isalnum() and name.isascii() and name == name.upper():
        return None
    return "Write the name of the variable that has its address, such as CHAT_OPERATIONS. The address stays there."
