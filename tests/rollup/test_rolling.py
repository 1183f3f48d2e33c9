from __future__ import annotations

import datetime as dt

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from maintenance.models import FindingDay
from zbmaint.rollup import days, rolling
from zbmaint.rollup.models import Rolled, RolledDay, Stale

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 30, 12, tzinfo=dt.UTC)
TODAY = NOW.date()


class Toy:
    """A kind that notes which days it rolls."""

    def __init__(self) -> None:
        self.rolled: list[dt.date] = []
        self.first: dt.date | None = None
        self.fails = False

    def roll(self, day: dt.date, now: dt.datetime) -> None:
        if self.fails:
            raise RuntimeError("broken")
        self.rolled.append(day)

    def take(self) -> list[dt.date]:
        taken, self.rolled = self.rolled, []
        return taken


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    monkeypatch.setattr(rolling, "_kinds", {})
    made = Toy()
    rolling.register("toy", made.roll, lambda: made.first)
    return made


def stale(day: dt.date, hour: int = 12) -> None:
    Stale.objects.create(kind="toy", at=dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC))


def test_today_is_rolled_every_time(toy: Toy) -> None:
    rolling.roll_stale(NOW)
    rolling.roll_stale(NOW + dt.timedelta(minutes=1))
    assert toy.take() == [TODAY, TODAY]
    assert Rolled.objects.get().edition == 2


def test_the_first_time_every_day_since_the_first_is(toy: Toy) -> None:
    toy.first = TODAY - dt.timedelta(days=20)
    assert rolling.roll_stale(NOW) == 21
    assert toy.take() == list(days.each(toy.first, TODAY))


def test_days_that_passed_meanwhile_are_caught_up_with_and_the_last_one_ends(toy: Toy) -> None:
    toy.first = TODAY - dt.timedelta(days=100)
    Rolled.objects.create(kind="toy", until=TODAY - dt.timedelta(days=3))
    rolling.roll_stale(NOW)
    assert toy.take() == [TODAY - dt.timedelta(days=back) for back in (3, 2, 1, 0)]


def test_a_day_that_was_corrected_is_rolled_once(toy: Toy) -> None:
    toy.first = TODAY - dt.timedelta(days=100)
    Rolled.objects.create(kind="toy", until=TODAY)
    old = TODAY - dt.timedelta(days=40)
    stale(old, 3)
    stale(old, 15)
    rolling.roll_stale(NOW)
    assert toy.take() == [old, TODAY]
    assert not Stale.objects.exists()
    rolling.roll_stale(NOW)
    assert toy.take() == [TODAY]


def test_a_day_of_which_something_was_deleted_stays_as_it_was(toy: Toy) -> None:
    rolling.register("toy", toy.roll, lambda: toy.first, kept=lambda: 10)
    toy.first = TODAY - dt.timedelta(days=9)
    Rolled.objects.create(kind="toy", until=TODAY)
    stale(TODAY - dt.timedelta(days=10))
    rolling.roll_stale(NOW)
    assert toy.take() == [TODAY]
    assert not Stale.objects.exists()


def test_a_day_of_which_nothing_is_left_because_it_was_corrected_is_rolled_again(toy: Toy) -> None:
    toy.first = TODAY - dt.timedelta(days=3)
    Rolled.objects.create(kind="toy", until=TODAY)
    stale(TODAY - dt.timedelta(days=4))
    rolling.roll_stale(NOW)
    assert toy.take() == [TODAY - dt.timedelta(days=4), TODAY]


def test_what_lies_ahead_waits_for_its_day(toy: Toy) -> None:
    Rolled.objects.create(kind="toy", until=TODAY)
    toy.first = TODAY
    stale(TODAY + dt.timedelta(days=2))
    rolling.roll_stale(NOW)
    assert (toy.take(), Stale.objects.count()) == ([TODAY], 1)


def test_a_failure_loses_no_note_and_keeps_no_other_kind(toy: Toy) -> None:
    other = Toy()
    rolling.register("zebra", other.roll, lambda: None)
    stale(TODAY)
    toy.fails = True
    with pytest.raises(RuntimeError):
        rolling.roll_stale(NOW)
    assert (other.take(), Stale.objects.count()) == ([TODAY], 1)


def test_rebuilding_takes_every_day_and_refuses_those_that_are_gone(toy: Toy) -> None:
    rolling.register("toy", toy.roll, lambda: toy.first, kept=lambda: 10)
    toy.first = TODAY - dt.timedelta(days=9)
    assert rolling.rebuild("toy", None, NOW) == 10
    assert toy.take() == list(days.each(toy.first, TODAY))
    with pytest.raises(rolling.RollRefused, match="--from 2026-03-21"):
        rolling.rebuild("toy", TODAY - dt.timedelta(days=10), NOW)


def test_another_time_zone_asks_for_a_rebuild(toy: Toy, settings: LazySettings) -> None:
    rolling.roll_stale(NOW)
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    with pytest.raises(rolling.RollRefused, match="rollup --rebuild"):
        rolling.roll_stale(NOW)
    toy.first = TODAY
    rolling.rebuild("toy", None, NOW)
    rolling.roll_stale(NOW)


def test_the_command_says_in_a_sentence_why_nothing_was_rolled(toy: Toy, settings: LazySettings) -> None:
    rolling.roll_stale(NOW)
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    with pytest.raises(CommandError, match=r"days were rolled in UTC \(toy\): run `manage.py rollup --rebuild`"):
        call_command("rollup")


def test_a_rebuild_is_enough_for_another_time_zone_when_nothing_has_happened_yet(
    toy: Toy, settings: LazySettings
) -> None:
    rolling.roll_stale(NOW)
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    assert rolling.rebuild("toy", None, NOW) == 1
    rolling.roll_stale(NOW)


def test_no_part_alone_is_rolled_in_another_time_zone(toy: Toy, settings: LazySettings) -> None:
    toy.first = TODAY - dt.timedelta(days=9)
    rolling.roll_stale(NOW)
    toy.take()
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    with pytest.raises(rolling.RollRefused, match="Leave out --from"):
        rolling.rebuild("toy", TODAY, NOW)
    assert not toy.take()


def test_days_that_another_time_zone_has_not_are_cleared(toy: Toy, settings: LazySettings) -> None:
    """In New York the first thing happened the evening before; in Auckland it is tomorrow already."""
    early, first, ahead = (TODAY + dt.timedelta(days=number) for number in (-10, -9, 1))
    rolling.register("toy", toy.roll, lambda: toy.first, models=(FindingDay,), kept=lambda: 12)
    purged = TODAY - dt.timedelta(days=12)
    FindingDay.objects.bulk_create(FindingDay(day=day, found=1) for day in (purged, early, first, TODAY, ahead))
    RolledDay.objects.create(kind="toy", day=early, digest="", edition=1)
    Rolled.objects.create(kind="toy", zone="Pacific/Auckland", until=ahead, edition=4)
    toy.first = first
    rolling.rebuild("toy", None, NOW)
    assert list(FindingDay.objects.values_list("day", flat=True)) == [purged, first, TODAY]
    assert toy.take() == [*days.each(first, TODAY), early, ahead]  # once more, so that what was added up is taken back
    assert not RolledDay.objects.filter(day__in=(early, ahead)).exists()
    rolled = Rolled.objects.get()
    assert (rolled.until, rolled.zone, rolled.purged) == (TODAY, "UTC", rolled.edition)


def test_a_week_in_which_clocks_change_has_an_hour_less(settings: LazySettings) -> None:
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    begins, ends = days.begins(dt.date(2026, 3, 23)), days.begins(dt.date(2026, 3, 30))
    assert (ends - begins).total_seconds() / 3600 == 167
    assert days.day_of(begins) == dt.date(2026, 3, 23)
    assert days.day_of(begins - dt.timedelta(microseconds=1)) == dt.date(2026, 3, 22)
