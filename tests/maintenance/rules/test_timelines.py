"""A timeline that is made bit by bit is the one that is made of all readings at once."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as some

from maintenance.rules import probe_states as states
from maintenance.rules.probe_states import DOWN, UNKNOWN, UP, Sample, Span, Terms, timeline
from maintenance.rules.timelines import Folded, begin_again, changed, fold

T0 = dt.datetime(2026, 4, 5, 3, 0, tzinfo=dt.UTC)
LATER = dt.timedelta(days=1)


def at(seconds: float) -> dt.datetime:
    return T0 + dt.timedelta(seconds=seconds)


def alone(samples: list[Sample], terms: Terms) -> set[Sample]:
    """Those that no other one which says something can be reached from, from reading to reading without a gap."""
    good = terms.good_for
    found = set()
    for place, one in enumerate(samples):
        reached = {one}
        for step in (1, -1):
            at = place
            while 0 <= at + step < len(samples) and abs(samples[at + step].at - samples[at].at) <= good:
                at += step
                reached.add(samples[at])
        if sum(each.state != UNKNOWN for each in reached) < 2:
            found.add(one)
    return found


def known(samples: list[Sample], terms: Terms) -> list[Span]:
    return [span for span in timeline(samples, terms, T0 - LATER, T0 + LATER) if span.state != UNKNOWN]


@some.composite
def readings(draw: some.DrawFn) -> list[Sample]:
    """In order, mostly one interval apart, with gaps, and with many failures."""
    steps = some.sampled_from((30, 30, 30, 5, 45, 70, 71, 300))
    read = some.sampled_from((UP, UP, states.DEGRADED, DOWN, DOWN, DOWN, UNKNOWN))
    moment, made = 0, []
    for step, state in draw(some.lists(some.tuples(steps, read), max_size=40)):
        moment += step
        made.append(Sample(at(moment), state))
    return made


@given(readings(), some.integers(1, 4), some.lists(some.integers(0, 40), max_size=8))
def test_it_is_that_of_all_readings_however_they_are_cut_up(
    samples: list[Sample], confirmations: int, cuts: list[int]
) -> None:
    terms = Terms(30, 10, confirmations)
    stored: list[Span] = []
    folded = Folded()
    edges = [0, *sorted(cuts), len(samples)]
    for begins, ends in itertools.pairwise(edges):
        old = folded.spans
        assert stored[len(stored) - len(old) :] == old
        new, folded = fold(folded, samples[begins:ends], terms)
        stored[len(stored) - len(old) :] = new
        assert len(folded.tail) <= confirmations + 1
        assert stored == known(samples[:ends], terms)


@given(readings(), some.integers(1, 4))
def test_one_that_stands_alone_says_nothing_and_all_others_what_they_say_without_it(
    samples: list[Sample], confirmations: int
) -> None:
    terms = Terms(30, 10, confirmations)
    lonely = alone(samples, terms)
    spans = known(samples, terms)
    assert not any(span.begins <= sample.at < span.ends for span in spans for sample in lonely)
    assert spans == known([sample for sample in samples if sample not in lonely], terms)
    working = [each for each in samples if each.state in states.WORKING and each not in lonely]
    assert all(any(span.begins <= sample.at < span.ends for span in spans) for sample in working)


@given(readings(), readings(), some.integers(1, 4))
def test_it_may_be_begun_again_at_any_reading_that_worked(
    samples: list[Sample], more: list[Sample], confirmations: int
) -> None:
    terms = Terms(30, 10, confirmations)
    whole = known(samples, terms)
    everything = {sample.at: sample for sample in [*more, *samples]}
    for place, first in enumerate(samples):
        if first.state not in states.WORKING:
            continue
        earlier = [span for span in whole if span.begins < first.at]
        was_known = any(span.begins <= first.at < span.ends for span in whole)
        folded = begin_again(earlier[-1] if earlier else None, first, terms, known=was_known)
        rest = [sample for moment, sample in sorted(everything.items()) if moment >= first.at]
        again, _ = fold(folded, rest, terms)
        assert [*earlier[:-1], *again] == known([*samples[:place], *rest], terms)


@pytest.mark.parametrize(
    ("state", "expected"),
    [(DOWN, [Span(DOWN, at(0), at(70 + 500))]), (UP, [Span(UP, at(0), at(500 + 70))])],
)
def test_where_older_readings_are_gone_it_stood_as_the_span_says(state: str, expected: list[Span]) -> None:
    before = Span(state, at(0), at(530))
    folded = begin_again(before, Sample(at(500), DOWN), Terms(30, 10, 2), known=True)
    spans, _ = fold(folded, [Sample(at(500), DOWN)], Terms(30, 10, 2))
    assert spans == expected


def test_the_second_reading_makes_the_first_count_from_its_own_time_on() -> None:
    terms = Terms(30, 10, 1)
    new, folded = fold(Folded(), [Sample(at(0), DOWN)], terms)
    assert (new, folded.spans) == ([], [])
    # That nothing could be read says nothing of the service.
    new, folded = fold(folded, [Sample(at(30), UNKNOWN)], terms)
    assert (new, folded.spans) == ([], [])
    new, folded = fold(folded, [Sample(at(60), UP)], terms)
    assert new == [Span(DOWN, at(0), at(30)), Span(UP, at(60), at(130))]


def test_one_that_stood_alone_never_counts_when_the_next_comes_too_late() -> None:
    terms = Terms(30, 10, 2)
    new, folded = fold(Folded(), [Sample(at(0), UP), Sample(at(30), UP), Sample(at(200), UP)], terms)
    assert (new, folded.spans) == ([Span(UP, at(0), at(100))], [])
    new, folded = fold(folded, [Sample(at(300), UP), Sample(at(330), UP)], terms)
    assert new == folded.spans == [Span(UP, at(300), at(400))]


class TestChanged:
    OLD = (Span(UP, at(0), at(100)), Span(DOWN, at(100), at(200)))

    @pytest.mark.parametrize(
        ("new", "expected"),
        [
            (OLD, None),
            ((*OLD, Span(UP, at(200), at(300))), (200, 300)),
            ((Span(UP, at(0), at(100)), Span(DOWN, at(100), at(230))), (200, 230)),
            ((Span(UP, at(0), at(90)), Span(DOWN, at(90), at(200))), (90, 200)),
            ((Span(UP, at(0), at(110)), Span(DOWN, at(110), at(200))), (100, 200)),
            ((Span(UP, at(50), at(100)), Span(DOWN, at(100), at(200))), (0, 50)),
            ((), (0, 200)),
        ],
    )
    def test_from_where_until_where(self, new: tuple[Span, ...], expected: tuple[int, int] | None) -> None:
        found = changed(self.OLD, new)
        assert found == (None if expected is None else (at(expected[0]), at(expected[1])))
