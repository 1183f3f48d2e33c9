"""Readings folded into stored timelines: in any order, in any pieces, the same as all of them at once make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from maintenance.actions import timelines
from maintenance.models import Probe, Reading, Span, Timeline
from maintenance.prober.recording import Read, store
from maintenance.retention import purge_readings
from maintenance.rules import probe_states as states
from maintenance.rules.probe_states import DEGRADED, DOWN, UNKNOWN, UP, Sample, timeline
from tests.maintenance.probing import START, make_probe, no_others, tell
from zbmaint.rollup.models import Stale

pytestmark = pytest.mark.django_db
NOW = START + dt.timedelta(hours=2)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _alone(db: None) -> None:
    no_others()


def fold(now: dt.datetime = NOW) -> int:
    return timelines.fold_readings(now)


def stored(probe: Probe) -> list[states.Span]:
    rows = Span.objects.filter(probe=probe).order_by("begins")
    return [states.Span(row.state, row.begins, row.ends) for row in rows]


def derived(probe: Probe) -> list[states.Span]:
    """From all of its readings at once."""
    read = [Sample(row.at, row.state) for row in Reading.objects.filter(probe=probe)]
    far = dt.timedelta(days=9)
    return [span for span in timeline(read, probe.terms, START - far, NOW + far) if span.state != UNKNOWN]


def in_words(probe: Probe) -> str:
    return " ".join(
        f"{span.state[0]}{(span.begins - START).total_seconds():g}-{(span.ends - START).total_seconds():g}"
        for span in stored(probe)
    )


@some.composite
def histories(draw: some.DrawFn) -> tuple[list[tuple[int, str]], list[int]]:
    """Readings (second, state) as they come, and after how many of them they are folded.

    Mostly one interval apart; some come late, some twice, some from a clock that was put back or on.
    """
    steps = some.sampled_from((30, 30, 30, 30, 31, 7, 70, 71, 400, 0, -30, -45, -100, -3_000, 3_000))
    read = some.sampled_from((UP, UP, UP, DEGRADED, DOWN, DOWN, DOWN, DOWN, UNKNOWN))
    moment, made = 0, []
    for step, state in draw(some.lists(some.tuples(steps, read), min_size=1, max_size=30)):
        moment += step
        made.append((moment, state))
    if draw(some.booleans()):
        made = draw(some.permutations(made))
    return made, draw(some.lists(some.integers(0, len(made)), max_size=3).map(sorted))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(histories(), min_size=4, max_size=4))
def test_it_is_that_of_all_readings_however_they_come(
    all_of_them: list[tuple[list[tuple[int, str]], list[int]]],
) -> None:
    Span.objects.all().delete()
    Timeline.objects.all().delete()
    Reading.objects.all().delete()
    Probe.objects.filter(name__startswith="Any").delete()
    made = [make_probe(f"Any {count}", confirmations=count) for count in range(1, 5)]
    for turn in range(max(len(cuts) for _, cuts in all_of_them) + 1):
        for probe, (history, cuts) in zip(made, all_of_them, strict=True):
            edges = [0, *cuts, *[len(history)] * 4]
            part = history[edges[turn] : edges[turn + 1]]
            store([Read(probe.pk, START + dt.timedelta(seconds=at), state, "", 1) for at, state in part])
        fold()
        assert [stored(probe) for probe in made] == [derived(probe) for probe in made]
    assert not Timeline.objects.exclude(back_to=None).exists()


def test_each_reading_is_folded_once_and_the_last_span_grows() -> None:
    probe = tell(make_probe(), "uu")
    assert fold() == 1
    assert in_words(probe) == "u0-100"
    assert fold() == 0
    tell(probe, "uudd")
    fold()
    assert in_words(probe) == "u0-60 d60-160"


def test_one_that_comes_late_is_folded_in_where_it_belongs() -> None:
    probe = tell(make_probe(), "uu")
    store([Read(probe.pk, START + dt.timedelta(seconds=seconds), UP, "", 1) for seconds in (300, 330)])
    fold()
    assert in_words(probe) == "u0-100 u300-400"
    store([Read(probe.pk, START + dt.timedelta(seconds=seconds), DOWN, "", 1) for seconds in (90, 120)])
    assert Timeline.objects.get(probe=probe).back_to == START + dt.timedelta(seconds=90)
    fold()
    assert in_words(probe) == "u0-90 d90-190 u300-400"
    assert Timeline.objects.get(probe=probe).back_to is None


def test_the_timeline_stays_when_its_readings_go_and_late_ones_do_not_destroy_it(settings: Any) -> None:
    settings.READING_RETENTION_DAYS = 1
    probe = tell(make_probe(), "udduuu")
    fold()
    later = START + dt.timedelta(days=1, seconds=75)
    assert purge_readings(later) == 3
    store([Read(probe.pk, START + dt.timedelta(seconds=seconds), DOWN, "", 1) for seconds in (45, 100)])
    fold(later)
    assert in_words(probe) == "u0-30 d30-90 u90-220"
    store([Read(probe.pk, START + dt.timedelta(seconds=155), DOWN, "", 1)])
    fold(later)
    assert in_words(probe) == "u0-30 d30-90 u90-225"


def test_a_long_history_is_folded_in_many_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines, "READINGS_A_BATCH", 3)
    monkeypatch.setattr(timelines, "PROBES_A_BATCH", 1)
    made = [tell(make_probe(name), "uuddduuduududduu") for name in ("Web", "API")]
    fold()
    assert [stored(probe) for probe in made] == [derived(probe) for probe in made]


def test_what_takes_too_long_goes_on_at_the_next_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines, "READINGS_A_BATCH", 3)
    monkeypatch.setattr(timelines, "MOST_SECONDS", 0.0)
    probe = tell(make_probe(), "uuddduuu")
    assert fold() == 1
    assert in_words(probe) == "u0-130"
    while fold():
        pass
    assert stored(probe) == derived(probe)


def test_two_hundred_probes_cost_as_few_queries_as_one() -> None:
    one = tell(make_probe("One"), "uu")
    fold()
    tell(one, "ud", start=START + HOUR)
    with CaptureQueriesContext(connection) as of_one:
        fold()
    many = [tell(make_probe(f"Web {number}"), "uud") for number in range(20)]
    with CaptureQueriesContext(connection) as of_many:
        assert fold() == len(many)
    assert len(of_many) == len(of_one) == 11


class TestStale:
    def days(self) -> Sequence[dt.date]:
        return sorted(row.at.date() for row in Stale.objects.filter(kind="services"))

    @pytest.fixture(autouse=True)
    def _clean(self, db: None) -> None:
        Stale.objects.all().delete()

    def test_what_changes_today_is_rolled_up_anyway(self) -> None:
        tell(make_probe(), "uudd")
        fold()
        assert self.days() == []

    def test_days_before_today_whose_states_change_are_noted(self) -> None:
        probe = make_probe()
        before = START.replace(hour=23, minute=59)
        tell(probe, "uud", start=before)  # the last one at midnight
        midnight = before + dt.timedelta(minutes=1)
        fold(midnight)
        Stale.objects.all().delete()
        store([Read(probe.pk, midnight + dt.timedelta(seconds=30), UP, "", 1)])
        fold(midnight + HOUR)
        assert self.days() == []
        store([Read(probe.pk, midnight - dt.timedelta(seconds=10), DOWN, "", 1)])
        fold(midnight + HOUR)
        # Two failures in a row, the first of them on the day before.
        assert self.days() == [before.date()]

    def test_a_failure_that_is_confirmed_after_midnight_began_the_day_before(self) -> None:
        probe = make_probe()
        before = START.replace(hour=23, minute=59, second=15)
        tell(probe, "ud", start=before)
        fold(before + dt.timedelta(seconds=50))
        Stale.objects.all().delete()
        store([Read(probe.pk, before + dt.timedelta(seconds=60), DOWN, "", 1)])
        fold(before + dt.timedelta(seconds=61))
        assert self.days() == [before.date()]


def test_a_probe_that_was_never_read_has_no_spans() -> None:
    probe = make_probe()
    assert fold() == 0
    assert (stored(probe), Timeline.objects.get(probe=probe).read_until) == ([], None)
