"""What is kept for the editions of days is never older than they are, and no longer thrown away than it must be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import combinations

import pytest
from django.conf import LazySettings
from django.db import connection
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as some

from incidents.models import PersonDay, TicketDay
from maintenance.models import FindingDay, RunDay
from zbmaint.access.models import Person
from zbmaint.rollup import days, editions, rolling
from zbmaint.rollup.models import Rolled, RolledDay, Stale
from zbmaint.rollup.spread import pack

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 30, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
KIND = "truth"
Rows = dict[str, int]
KEPT = 10_000  # days: what happened is there, whatever is purged of what was made of it


def back(number: int) -> dt.date:
    return TODAY - number * days.A_DAY


class Truth:
    """What happened, by day: severity and how many were found. Rolling writes it down."""

    def __init__(self, number: int = 40) -> None:
        self.first = back(number)
        self.days: dict[dt.date, Rows] = {day: {"": 1} for day in days.each(self.first, TODAY)}

    def roll(self, day: dt.date, now: dt.datetime) -> None:
        FindingDay.objects.filter(day=day).delete()
        rows = (FindingDay(day=day, severity=key, found=number) for key, number in self.days.get(day, {}).items())
        FindingDay.objects.bulk_create(sorted(rows, key=lambda row: hash((row.severity, now))))

    def correct(self, day: dt.date, rows: Rows) -> None:
        self.days[day] = rows
        touch(day)


def touch(*touched: dt.date) -> None:
    for day in touched:
        Stale.objects.create(kind=KIND, at=days.begins(day))


@pytest.fixture
def truth(monkeypatch: pytest.MonkeyPatch) -> Truth:
    monkeypatch.setattr(rolling, "_kinds", {})
    made = Truth()
    rolling.register(KIND, made.roll, lambda: made.first, (FindingDay,), lambda: KEPT)
    rolling.roll_stale(NOW)
    return made


def edition(first: dt.date, last: dt.date) -> int:
    return dict(editions.read(first, last).kinds)[KIND]


def test_the_minutes_of_today_change_nothing_of_days_that_are_over(truth: Truth) -> None:
    over, with_today = edition(back(30), back(1)), edition(back(30), TODAY)
    for minute in range(1, 4):
        truth.days[TODAY] = {"": minute + 5}
        rolling.roll_stale(NOW + dt.timedelta(minutes=minute))
    assert edition(back(30), back(1)) == over
    assert edition(back(30), TODAY) > with_today


def test_rolling_a_day_again_to_the_same_rows_changes_nothing(truth: Truth) -> None:
    before = edition(back(40), TODAY)
    touch(back(3), back(20))
    assert rolling.roll_stale(NOW + dt.timedelta(minutes=1)) == 3
    rolling.roll_day(KIND, back(5), NOW)
    rolling.rebuild(KIND, None, NOW)
    assert edition(back(40), TODAY) == before


def test_a_correction_changes_the_periods_that_hold_its_day_and_no_other(truth: Truth) -> None:
    earlier, later, whole = edition(back(30), back(11)), edition(back(9), back(1)), edition(back(30), back(1))
    truth.correct(back(10), {"": 2})
    rolling.roll_stale(NOW)
    assert (edition(back(30), back(11)), edition(back(9), back(1))) == (earlier, later)
    assert edition(back(30), back(1)) == edition(back(10), back(10)) > whole
    truth.correct(back(10), {"": 1})  # as it was at first
    rolling.roll_stale(NOW)
    assert edition(back(10), back(10)) > whole + 1


@pytest.mark.parametrize("rows", [{}, {"": 0}, {"low": 1}, {"": 1, "low": 0}])
def test_every_difference_counts(truth: Truth, rows: Rows) -> None:
    before = edition(back(2), back(2))
    truth.correct(back(2), rows)
    rolling.roll_stale(NOW)
    assert edition(back(2), back(2)) > before


def test_a_day_that_failed_to_roll_is_as_it_was(truth: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    before = edition(back(40), TODAY)
    truth.correct(back(2), {"": 9})

    def fail(day: dt.date, now: dt.datetime) -> None:
        truth.roll(day, now)
        raise ZeroDivisionError

    broken = rolling.Kind(KIND, fail, lambda: back(40), (FindingDay,))
    monkeypatch.setattr(rolling, "_kinds", {KIND: broken})
    with pytest.raises(ZeroDivisionError):
        rolling.roll_stale(NOW)
    assert edition(back(40), TODAY) == before


def test_what_is_purged_is_not_shown_any_more(truth: Truth, settings: LazySettings) -> None:
    settings.ROLLUP_RETENTION_DAYS = 30
    before = edition(back(35), back(1))
    assert rolling.purge(KIND, NOW) == 10
    assert FindingDay.objects.earliest("day").day == RolledDay.objects.earliest("day").day == back(30)
    assert edition(back(35), back(1)) > before
    again = edition(back(35), back(1))
    assert rolling.purge(KIND, NOW) == 0
    assert edition(back(35), back(1)) == again


def test_days_of_another_time_zone_are_others(truth: Truth, settings: LazySettings) -> None:
    before = edition(back(5), back(1))
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    truth.days[back(3)] = {"": 7}  # an hour of it belongs to another day now
    rolling.rebuild(KIND, None, NOW)
    assert edition(back(5), back(1)) > before
    assert Rolled.objects.get().zone == "Europe/Berlin"


def test_a_kind_that_does_not_say_where_its_days_are_counts_as_changed(truth: Truth) -> None:
    rolling.register("silent", lambda *_: None, lambda: None)
    rolling.roll_stale(NOW)
    first = dict(editions.read(TODAY, TODAY).kinds)["silent"]
    rolling.roll_stale(NOW)
    assert dict(editions.read(TODAY, TODAY).kinds)["silent"] > first


def test_as_of_is_that_of_the_kind_rolled_first_and_none_until_all_were(truth: Truth) -> None:
    later = NOW + dt.timedelta(minutes=5)
    other = Rolled.objects.create(kind="other")
    assert editions.read(TODAY, TODAY).as_of is None
    Rolled.objects.filter(pk=other.pk).update(at=later)
    assert editions.read(TODAY, TODAY).as_of == NOW


def test_bytes_and_every_table_of_a_kind_count(monkeypatch: pytest.MonkeyPatch, people: dict[str, Person]) -> None:
    def digest() -> str:
        editions.keep("tickets", TODAY, 1, (TicketDay, PersonDay))
        return RolledDay.objects.get(kind="tickets").digest

    seen = [digest()]
    TicketDay.objects.create(day=TODAY, tier=0, severity="", answers=pack([1, 2]))
    seen.append(digest())
    TicketDay.objects.update(answers=pack([1, 3]))
    seen.append(digest())
    PersonDay.objects.create(day=TODAY, person=people["tier1"])
    seen.append(digest())
    PersonDay.objects.create(day=back(1), person=people["tier1"])
    assert len(set(seen)) == 4
    assert digest() == seen[-1]


def test_one_query_asks_for_every_kind(truth: Truth) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM rollup_rolledday")
        assert cursor.fetchone()[0] == 41
    Rolled.objects.create(kind="zebra")
    assert [kind for kind, _ in editions.read(back(9), TODAY).kinds] == [KIND, "zebra"]


DAYS = range(6)
steps = some.lists(
    some.one_of(
        some.tuples(some.just("correct"), some.sampled_from(DAYS), some.integers(0, 2)),
        some.tuples(some.just("again"), some.sampled_from(DAYS), some.just(0)),
        some.tuples(some.just("minute"), some.just(0), some.integers(0, 2)),
        some.tuples(some.just("rebuild"), some.sampled_from(DAYS), some.just(0)),
        some.tuples(some.just("purge"), some.sampled_from(DAYS), some.just(0)),
    ),
    max_size=12,
)
PERIODS = [(back(last), back(first)) for first, last in combinations(DAYS, 2)]


@limits(max_examples=25, deadline=None)
@given(steps)
def test_an_edition_stands_for_one_state_of_its_days_alone(taken: Iterable[tuple[str, int, int]]) -> None:
    """Whatever is done in whatever order: the same edition, the same rows, all the way back; and it goes up only."""
    FindingDay.objects.all().delete()
    RolledDay.objects.all().delete()
    Rolled.objects.all().delete()
    truth, told = Truth(max(DAYS)), dict[tuple[dt.date, dt.date, int], list[tuple[dt.date, str, int]]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            rolling, "_kinds", {KIND: rolling.Kind(KIND, truth.roll, lambda: truth.first, (FindingDay,), lambda: KEPT)}
        )
        latest = dict.fromkeys(PERIODS, 0)
        for step in (("minute", 0, 1), *taken):
            carry_out(step, truth, patch)
            for first, last in PERIODS:
                number = edition(first, last)
                rows = list(FindingDay.objects.filter(day__range=(first, last)).values_list("day", "severity", "found"))
                assert told.setdefault((first, last, number), rows) == rows, step
                assert number >= latest[first, last]
                latest[first, last] = number


def carry_out(step: tuple[str, int, int], truth: Truth, patch: pytest.MonkeyPatch) -> None:
    what, number, found = step
    match what:
        case "correct":
            truth.correct(back(number), {"": found})
            rolling.roll_stale(NOW)
        case "again":
            rolling.roll_day(KIND, back(number), NOW)
        case "minute":
            truth.days[TODAY] = {"": found}
            rolling.roll_stale(NOW)
        case "rebuild":
            rolling.rebuild(KIND, back(number), NOW)
        case _:
            patch.setattr("django.conf.settings.ROLLUP_RETENTION_DAYS", number)
            rolling.purge(KIND, NOW)


def test_rows_of_runs_are_told_apart_by_what_they_hold(truth: Truth) -> None:
    RunDay.objects.create(day=TODAY, succeeded=1, durations=pack([5]))
    editions.keep("runs", TODAY, 1, (RunDay,))
    RunDay.objects.update(durations=pack([6]))
    editions.keep("runs", TODAY, 2, (RunDay,))
    RunDay.objects.update(durations=pack([6]))
    editions.keep("runs", TODAY, 3, (RunDay,))
    assert RolledDay.objects.get(kind="runs").edition == 2
