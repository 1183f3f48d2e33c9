import datetime as dt

from incidents.rules.business_time import ALWAYS, ZERO, Calendar
from incidents.rules.resolution import Stay, Taken, taken

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FRIDAY = dt.datetime(2026, 6, 5, 16, tzinfo=dt.UTC)
OFFICE = Calendar("UTC", (((8 * 60, 17 * 60),),) * 5 + ((), ()))


def test_it_is_told_three_ways() -> None:
    stay = Stay(FRIDAY, FRIDAY + 3 * DAY, OFFICE, ((FRIDAY + 2 * DAY, FRIDAY + 2 * DAY + 18 * HOUR),))
    assert taken([stay]) == Taken(wall=72 * HOUR, business=9 * HOUR, net=7 * HOUR)


def test_around_the_clock_business_is_all() -> None:
    stay = Stay(FRIDAY, FRIDAY + 10 * HOUR, ALWAYS, ((FRIDAY + HOUR, FRIDAY + 3 * HOUR),))
    assert taken([stay]) == Taken(wall=10 * HOUR, business=10 * HOUR, net=8 * HOUR)


def test_stays_add_up_each_by_its_own_calendar_and_the_time_between_them_does_not_count() -> None:
    first = Stay(FRIDAY, FRIDAY + 4 * HOUR, OFFICE)
    second = Stay(FRIDAY + 5 * DAY, FRIDAY + 5 * DAY + 4 * HOUR, ALWAYS, ((FRIDAY, FRIDAY + 5 * DAY + HOUR),))
    assert taken([first, second]) == Taken(wall=8 * HOUR, business=5 * HOUR, net=4 * HOUR)


def test_no_stay_took_nothing() -> None:
    assert taken([]) == Taken(ZERO, ZERO, ZERO)
