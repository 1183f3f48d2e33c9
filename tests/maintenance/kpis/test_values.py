"""KPIs read from days against a second way to make them, and against the rows behind them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some
from pytest_django import DjangoAssertNumQueries

from maintenance.kpis import values
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.period import Period
from maintenance.kpis.value import Filters
from maintenance.models import RunDay
from tests.maintenance.kpis.rolled import DAYS, START, Days, expected, worlds, write

pytestmark = pytest.mark.django_db
WEEK = Period.week("2026-W14")
PERIODS = some.builds(
    lambda first, number: Period.until(START + dt.timedelta(days=first + number), number + 1),
    some.integers(-2, DAYS),
    some.integers(0, DAYS),
)
FILTERS = some.builds(
    Filters,
    task=some.sampled_from(["", "", "log_rotation", "never_run"]),
    category=some.sampled_from(["", "", "preventive"]),
    tier=some.sampled_from([0, 0, 2]),
    severity=some.sampled_from(["", "", "high"]),
    service=some.sampled_from([0, 0, 1]),
)


@given(worlds(), PERIODS, FILTERS)
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_kpi_is_what_a_second_way_makes_of_the_days(world: Days, period: Period, filters: Filters) -> None:
    with transaction.atomic():
        write(world)
        read = values.read(period, filters)
        transaction.set_rollback(True)
    days = {period.first + dt.timedelta(days=number) for number in range(period.days)}
    wanted = expected(world, days, vars(filters))
    assert list(read) == list(KPIS) == [key for key in KPIS if key in wanted]
    for key, (value, n) in wanted.items():
        assert read[key].n == n, key
        assert read[key].value == (None if value is None else pytest.approx(value, rel=0, abs=0.00051)), key
        if KPIS[key].unit in ("ratio", "count"):
            assert read[key].value == value, key


@given(worlds(), PERIODS)
@hypothesis_settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_headlines_are_the_same(world: Days, period: Period) -> None:
    with transaction.atomic():
        write(world)
        some_of_them, read = values.headlines(period), values.read(period)
        transaction.set_rollback(True)
    assert {key: value.value for key, value in some_of_them.items()} == {key: read[key].value for key in some_of_them}
    assert {key: some_of_them[key].n for key in values.HEADLINES} == {key: read[key].n for key in values.HEADLINES}


def test_without_any_day_nothing_is_known() -> None:
    read = values.read(WEEK)
    assert {value.value for value in read.values()} == {None}
    assert read.flat() == {
        "from": "2026-03-30",
        "to": "2026-04-05",
        "week_starting": "2026-03-30",
        **dict.fromkeys(KPIS, None),
    }


def test_reading_asks_four_times(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(4):  # without a day, no pace of the four weeks before
        values.read(WEEK)
    with django_assert_num_queries(3):
        values.headlines(WEEK)


def test_the_catalogue_says_all_that_a_page_needs() -> None:
    for key, kpi in KPIS.items():
        assert kpi.key == key
        assert kpi.formula.endswith("."), key
        assert kpi.excluded.endswith("."), key
        assert (kpi.target is None) or kpi.better, key


def test_the_documentation_has_every_kpi_as_the_catalogue_says_it() -> None:
    docs = "\n".join(path.read_text(encoding="utf-8") for path in Path(settings.BASE_DIR, "docs").glob("*.md"))
    for key, kpi in KPIS.items():
        assert f"| `{key}` | {kpi.name} |" in docs
        assert f"| {kpi.formula} | {kpi.excluded} |" in docs


@pytest.mark.parametrize(("missed", "key"), [(0, "success_rate"), (1, "success_rate_strict")])
def test_at_the_head_stands_the_strict_success_rate_when_anything_was_missed(missed: int, key: str) -> None:
    RunDay.objects.create(day=WEEK.first, succeeded=31, expected=31 + missed, missed=missed)
    assert values.headline_success(values.read(WEEK)) == key
    assert values.headline_success(values.headlines(WEEK)) == key


def test_at_the_head_stands_the_usual_success_rate_while_nothing_is_known() -> None:
    assert values.headline_success(values.read(WEEK)) == "success_rate"
