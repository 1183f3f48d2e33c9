"""The example in docs/kpis.md: done by the actions, counted by hand, and printed there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

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
COUNTS = {
    "Opened": ("opened", 5, 2, 7, 7, 0),
    "Received": ("received", 6, 3, 9, 8, 1),
    "Escalated": ("escalated", 1, 0, 1, 1, 0),
    "Reopened": ("reopened", 0, 1, 1, 1, 0),
    "Resolved": ("resolved", 1, 4, 5, 4, 1),
    "Left out": ("left_out", 1, 0, 1, 1, 0),
    "Responses met": ("responses_met", 3, 2, 5, 4, 1),
    "Responses missed": ("responses_missed", 1, 1, 2, 2, 0),
    "Unanswered": ("unanswered", 0, 1, 1, 1, 0),
    "Resolutions met": ("resolutions_met", 1, 3, 4, 4, 0),
    "Resolutions missed": ("resolutions_missed", 1, 0, 1, 0, 1),
}
LEFT = {
    "Backlog": ("open", 3, 2, 2, 2, 0),
    "Unassigned": ("open_unassigned", 2, 1, 1, 1, 0),
    "Waiting": ("open_unanswered", 2, 1, 1, 1, 0),
    "Age, median": ("open_age_median", "2 h", "15 h", "15 h", "15 h", "—"),
    "Age, 9 of 10 younger": ("open_age_p90", "11 h 36 min", "23 h 48 min", "23 h 48 min", "23 h 48 min", "—"),
    "Age, oldest": ("open_age_oldest", "14 h", "26 h", "26 h", "26 h", "—"),
}
# A 30, B 45, C 60 min; E 70 min, D 10 h. Tier 1 has the 10 min of A on Tuesday too, tier 2 the 2 h of C.
# C 23 h, A 4 h, E 2 h 30 min, F 5 min.
MEDIANS = {
    "Time to answer, median": ("answers", "45 min", "5 h 35 min", "1 h", "52 min 30 s", "2 h"),
    "Time to resolve, median": ("resolutions", "—", "3 h 15 min", "3 h 15 min", "2 h 30 min", "23 h"),
}
PEOPLE = {"ada": (2, 2, 0), "ann": (4, 1, 1), "ben": (1, 1, 0)}


@pytest.fixture
def rolled(wall: Wall, team: dict[str, Person]) -> None:
    resolution_target(8 * 60, severity__in=("critical", "high", "medium"), tier__lte=2)
    tickets: dict[str, Ticket] = {}

    def at(day: dt.date, clock: str) -> None:
        wall.to(dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=dt.UTC))
        passing.record_passed(wall.now)

    def opens(name: str, severity: str) -> None:
        tickets[name] = open_one(severity=severity, title=f"Ticket {name}")

    def claims(name: str, who: str) -> None:
        assignment.claim(tickets[name].number, actor=team[who])

    def resolves(name: str, who: str, code: str = "fixed") -> None:
        statuses.resolve(tickets[name].number, actor=team[who], code=code, note="Done")

    at(MONDAY, "08:00"), opens("A", "high")
    at(MONDAY, "08:30"), claims("A", "ann")
    at(MONDAY, "09:00"), opens("B", "critical")
    at(MONDAY, "09:45"), claims("B", "ada")
    at(MONDAY, "10:00"), resolves("A", "ann"), opens("C", "medium")
    at(MONDAY, "11:00")
    criterion = tickets["C"].tier.criteria[0]
    handing.escalate(tickets["C"].number, actor=team["ann"], criterion=criterion, reason="Beyond us")
    at(MONDAY, "12:00"), resolves("B", "ada", "no_fault")
    at(MONDAY, "13:00"), claims("C", "ben")
    at(MONDAY, "22:00"), opens("D", "low")
    at(MONDAY, "23:30"), opens("E", "high")
    at(TUESDAY, "00:40"), claims("E", "ada")
    at(TUESDAY, "02:00"), resolves("E", "ada")
    at(TUESDAY, "08:00"), claims("D", "ann")
    at(TUESDAY, "09:00"), resolves("C", "ben")
    at(TUESDAY, "10:00"), statuses.reopen(tickets["A"].number, actor=team["ann"], reason="It is back")
    at(TUESDAY, "10:10"), claims("A", "ann")
    at(TUESDAY, "12:00"), resolves("A", "ann")
    at(TUESDAY, "14:00"), receive(alert(key="f", severity="medium", occurred_at=wall.now))
    at(TUESDAY, "14:05"), receive(resolved(key="f", severity="medium", occurred_at=wall.now))
    at(TUESDAY, "20:00"), opens("G", "medium")
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
        assert row(username.title(), list(sums)) in page


def row(label: str, values: list[object]) -> str:
    return f"\n| {label} | {' | '.join(map(str, values))} |\n"
