"""The example in docs/kpis.md: done by the actions, counted by hand, and printed there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from incidents.actions import assignment, handing, passing, statuses
from incidents.actions.intake import receive
from incidents.measures import reading, rolling
from incidents.models import Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import alert, open_one, resolution_target, resolved
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = dt.date(2026, 6, 1), dt.date(2026, 6, 2)
NIGHT = dt.datetime(2026, 6, 3, tzinfo=dt.UTC)
PAGE = Path(settings.BASE_DIR) / "docs" / "kpis.md"
MINUTE, HOUR = 60, 3600

# By hand: Monday, Tuesday, both; of all tiers, then of tier 1 and 2 for both days.
COUNTS: dict[str, list[Any]] = {
    "Opened": ["opened", 5, 2, 7, 7, 0],
    "Received": ["received", 6, 3, 9, 8, 1],
    "Escalated": ["escalated", 1, 0, 1, 1, 0],
    "Reopened": ["reopened", 0, 1, 1, 1, 0],
    "Resolved": ["resolved", 1, 4, 5, 4, 1],
    "Left out": ["left_out", 1, 0, 1, 1, 0],
    "Responses met": ["responses_met", 3, 2, 5, 4, 1],
    "Responses missed": ["responses_missed", 1, 1, 2, 2, 0],
    "Unanswered": ["unanswered", 0, 1, 1, 1, 0],
    "Resolutions met": ["resolutions_met", 1, 3, 4, 4, 0],
    "Resolutions missed": ["resolutions_missed", 1, 0, 1, 0, 1],
}
LEFT: dict[str, list[Any]] = {
    "Backlog": ["open", 3, 2, 2, 2, 0],
    "Unassigned": ["open_unassigned", 2, 1, 1, 1, 0],
    "Waiting": ["open_unanswered", 2, 1, 1, 1, 0],
    "Age, median": ["open_age_median", "2 h", "15 h", "15 h", "15 h", "—"],
    "Age, 9 of 10 younger": ["open_age_p90", "11 h 36 min", "23 h 48 min", "23 h 48 min", "23 h 48 min", "—"],
    "Age, oldest": ["open_age_oldest", "14 h", "26 h", "26 h", "26 h", "—"],
}
# A 30, B 45, C 60 min; E 70 min, D 10 h. Tier 1 has the 10 min of A on Tuesday too, tier 2 the 2 h of C.
# C 23 h, A 4 h, E 2 h 30 min, F 5 min.
MEDIANS: dict[str, list[Any]] = {
    "Time to answer, median": ["answers", "45 min", "5 h 35 min", "1 h", "52 min 30 s", "2 h"],
    "Time to resolve, median": ["resolutions", "—", "3 h 15 min", "3 h 15 min", "2 h 30 min", "23 h"],
}
PEOPLE = {"ada": (2, 2, 0), "ann": (4, 1, 1), "ben": (1, 1, 0)}


# When, which ticket, what, and how bad it is or by whom.
HAPPENS = [
    (MONDAY, "08:00", "A", "open", "high"),
    (MONDAY, "08:30", "A", "claim", "ann"),
    (MONDAY, "09:00", "B", "open", "critical"),
    (MONDAY, "09:45", "B", "claim", "ada"),
    (MONDAY, "10:00", "A", "resolve", "ann"),
    (MONDAY, "10:00", "C", "open", "medium"),
    (MONDAY, "11:00", "C", "escalate", "ann"),
    (MONDAY, "12:00", "B", "no fault", "ada"),
    (MONDAY, "13:00", "C", "claim", "ben"),
    (MONDAY, "22:00", "D", "open", "low"),
    (MONDAY, "23:30", "E", "open", "high"),
    (TUESDAY, "00:40", "E", "claim", "ada"),
    (TUESDAY, "02:00", "E", "resolve", "ada"),
    (TUESDAY, "08:00", "D", "claim", "ann"),
    (TUESDAY, "09:00", "C", "resolve", "ben"),
    (TUESDAY, "10:00", "A", "reopen", "ann"),
    (TUESDAY, "10:10", "A", "claim", "ann"),
    (TUESDAY, "12:00", "A", "resolve", "ann"),
    (TUESDAY, "14:00", "F", "alert", "medium"),
    (TUESDAY, "14:05", "F", "clear", "medium"),
    (TUESDAY, "20:00", "G", "open", "medium"),
]


def happen(ticket: Ticket, what: str, actor: Person) -> None:
    """What a person does to a ticket."""
    if what == "claim":
        assignment.claim(ticket.number, actor=actor)
    elif what == "escalate":
        handing.escalate(ticket.number, actor=actor, criterion=ticket.tier.criteria[0], reason="Beyond us")
    elif what == "reopen":
        statuses.reopen(ticket.number, actor=actor, reason="It is back")
    else:
        code = "fixed" if what == "resolve" else "no_fault"
        statuses.resolve(ticket.number, actor=actor, code=code, note="Done")


@pytest.fixture
def rolled(wall: Wall, team: dict[str, Person]) -> None:
    resolution_target(8 * 60, severity__in=("critical", "high", "medium"), tier__lte=2)
    tickets: dict[str, Ticket] = {}
    for day, clock, name, what, how in HAPPENS:
        wall.to(dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=dt.UTC))
        passing.record_passed(wall.now)
        if what == "open":
            tickets[name] = open_one(severity=how, title=f"Ticket {name}")
        elif what in ("alert", "clear"):
            told = alert if what == "alert" else resolved
            receive(told(key=name, severity=how, occurred_at=wall.now))
        else:
            happen(tickets[name], what, team[how])
    for day in (MONDAY, TUESDAY):
        rolling.roll(day, NIGHT)


def words(seconds: float | None) -> str:
    """As the page writes a length."""
    if seconds is None:
        return "—"
    hours, rest = divmod(round(seconds), HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value)


def figures() -> list[reading.Figures]:
    """Of Monday, of Tuesday, of both; of both in tier 1 and in tier 2."""
    of_days = [reading.read(*period) for period in ((MONDAY, MONDAY), (TUESDAY, TUESDAY), (MONDAY, TUESDAY))]
    return [*of_days, *(reading.read(MONDAY, TUESDAY, tier) for tier in (1, 2))]


@pytest.mark.usefixtures("rolled")
def test_the_example_is_what_was_counted_by_hand_and_what_the_page_says() -> None:
    page, found = PAGE.read_text(), figures()
    for label, (name, *expected) in COUNTS.items():
        assert [getattr(each.counts, name) for each in found] == expected, label
        assert row(label, expected) in page
    for label, (name, *expected) in LEFT.items():
        values = [getattr(each.backlog, name) for each in found]
        assert [words(value) if "age" in name else value for value in values] == expected, label
        assert row(label, expected) in page
    for label, (name, *expected) in MEDIANS.items():
        assert [words(getattr(each, name).quantile(0.5)) for each in found] == expected, label
        assert row(label, expected) in page
    people = reading.by_person(MONDAY, TUESDAY)
    assert {person.username: (person.answered, person.resolved, person.open) for person in people} == PEOPLE
    for username, sums in PEOPLE.items():
        assert row(username.title(), sums) in page


def row(label: str, values: Sequence[object]) -> str:
    return f"\n| {label} | {' | '.join(map(str, values))} |\n"
