"""What readings mean, by table. A letter is a reading: u up, g degraded, d down, ? unknown, . nothing read."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as some

from maintenance.rules import probe_states as states
from maintenance.rules.probe_states import Sample, Standing, Terms, advance, shown, timeline

T0 = dt.datetime(2026, 4, 5, 3, 0, tzinfo=dt.UTC)
TERMS = Terms(interval=30, timeout=10)
LETTERS = {"u": states.UP, "g": states.DEGRADED, "d": states.DOWN, "?": states.UNKNOWN}
NAMES = {name: letter for letter, name in LETTERS.items()}


def at(seconds: float) -> dt.datetime:
    return T0 + dt.timedelta(seconds=seconds)


def samples(letters: str) -> list[Sample]:
    return [Sample(at(30 * place), LETTERS[each]) for place, each in enumerate(letters) if each != "."]


def stand(letters: str, terms: Terms = TERMS) -> Standing:
    standing = Standing()
    for sample in samples(letters):
        standing = advance(standing, sample, terms)
    return standing


def spans(letters: str, seconds: float, terms: Terms = TERMS) -> str:
    """The timeline in words: `u0-60 d60-120`."""
    made = timeline(samples(letters), terms, T0, at(seconds))
    return " ".join(
        f"{NAMES[span.state]}{(span.begins - T0).total_seconds():g}-{(span.ends - T0).total_seconds():g}"
        for span in made
    )


@pytest.mark.parametrize(
    ("letters", "state", "since", "failures", "failing_since"),
    [
        ("u", "u", 0, 0, None),
        ("uu", "u", 0, 0, None),
        ("ug", "g", 30, 0, None),
        ("ud", "u", 0, 1, 30),
        ("udd", "d", 30, 2, 30),
        ("uddd", "d", 30, 3, 30),
        ("uddu", "u", 90, 0, None),
        ("udud", "u", 0, 1, 90),
        ("d", "?", 0, 1, 0),
        ("dd", "d", 0, 2, 0),
        ("u?", "?", 30, 0, None),
        ("ud?d", "d", 30, 2, 30),
        ("udd?", "?", 90, 2, 30),
        ("udd?d", "d", 30, 3, 30),
        ("u..u", "u", 90, 0, None),
    ],
)
def test_where_a_probe_stands(letters: str, state: str, since: int, failures: int, failing_since: int | None) -> None:
    standing = stand(letters)
    assert NAMES[standing.state] == state
    assert standing.since == at(since)
    assert standing.failures == failures
    assert standing.failing_since == (None if failing_since is None else at(failing_since))


def test_failures_on_both_sides_of_a_gap_do_not_confirm_each_other() -> None:
    assert stand("ud...d").failures == 1
    assert stand("ud...d").state == states.UNKNOWN
    assert stand("ud...dd").state == states.DOWN
    assert stand("ud...dd").failing_since == at(150)


def test_more_confirmations_and_none() -> None:
    assert stand("udd", Terms(30, 10, 3)).state == states.UP
    assert stand("uddd", Terms(30, 10, 3)).state == states.DOWN
    assert stand("ud", Terms(30, 10, 1)).state == states.DOWN


@pytest.mark.parametrize("seconds", [90, 60, 30])
def test_a_reading_that_comes_late_or_twice_changes_nothing(seconds: float) -> None:
    before = stand("uudd")
    assert advance(before, Sample(at(seconds), states.UP), TERMS) is before


def test_a_clock_that_was_put_back_does_not_stop_the_probe() -> None:
    back = advance(stand("uuu"), Sample(at(-3600), states.DOWN), TERMS)
    assert (back.at, back.failures, back.state) == (at(-3600), 1, states.UNKNOWN)
    assert advance(back, Sample(at(-3570), states.DOWN), TERMS).state == states.DOWN


@pytest.mark.parametrize(
    ("seconds", "paused", "planned", "expected"),
    [
        (60, False, False, states.DOWN),
        (90 + 70, False, False, states.DOWN),
        (90 + 71, False, False, states.UNKNOWN),
        (60, False, True, states.MAINTENANCE),
        (60, True, True, states.PAUSED),
        (-3600, False, False, states.UNKNOWN),
    ],
)
def test_what_is_shown(seconds: float, paused: bool, planned: bool, expected: str) -> None:
    assert shown(stand("uudd"), TERMS, at(seconds), paused=paused, planned=planned) == expected


def test_nothing_read_yet_is_unknown() -> None:
    assert shown(Standing(), TERMS, T0, paused=False, planned=False) == states.UNKNOWN


@pytest.mark.parametrize(
    ("letters", "seconds", "expected"),
    [
        ("", 60, "?0-60"),
        ("uuuu", 120, "u0-120"),
        ("uu", 300, "u0-100 ?100-300"),
        ("u", 60, "?0-60"),
        ("u?", 60, "?0-60"),
        ("u??u", 120, "u0-30 ?30-90 u90-120"),
        ("u..", 60, "?0-60"),
        ("u..u", 120, "?0-120"),
        ("u.u", 90, "u0-90"),
        ("uu....u", 250, "u0-100 ?100-250"),
        ("uu....uu", 250, "u0-100 ?100-180 u180-250"),
        ("uddu", 120, "u0-30 d30-90 u90-120"),
        ("udu", 90, "u0-90"),
        ("ud", 60, "u0-60"),
        ("u?du", 120, "u0-30 ?30-90 u90-120"),
        ("ud?du", 150, "u0-30 d30-60 ?60-90 d90-120 u120-150"),
        ("uggu", 120, "u0-30 g30-90 u90-120"),
        ("gdu", 90, "g0-60 u60-90"),
        ("d", 30, "?0-30"),
        ("dd", 60, "d0-60"),
        ("ud...d", 180, "u0-100 ?100-180"),
        ("ud...dd", 210, "u0-100 ?100-150 d150-210"),
    ],
)
def test_the_timeline(letters: str, seconds: float, expected: str) -> None:
    assert spans(letters, seconds) == expected


def test_the_timeline_takes_samples_in_any_order_and_the_worse_of_two() -> None:
    shuffled = [*reversed(samples("uddu")), Sample(at(90), states.DOWN), Sample(at(90), states.UNKNOWN)]
    made = timeline(shuffled, TERMS, T0, at(120))
    assert [(span.state, span.begins) for span in made] == [(states.UP, T0), (states.DOWN, at(30))]


def test_the_timeline_is_cut_to_its_period_without_gaps_or_overlaps() -> None:
    made = timeline(samples("uddu..u?u"), TERMS, at(45), at(215))
    assert (made[0].begins, made[-1].ends) == (at(45), at(215))
    assert all(first.ends == second.begins for first, second in itertools.pairwise(made))


@given(some.lists(some.tuples(some.integers(0, 2_000), some.sampled_from(states.READ))), some.integers(1, 3))
def test_any_timeline_is_whole_and_ends_where_the_probe_stands(read: list[tuple[int, str]], confirmations: int) -> None:
    terms = Terms(30, 10, confirmations)
    made = timeline([Sample(at(seconds), state) for seconds, state in read], terms, at(0), at(2_001))
    assert (made[0].begins, made[-1].ends) == (at(0), at(2_001))
    assert all(
        first.ends == second.begins and first.state != second.state for first, second in itertools.pairwise(made)
    )
    standing = Standing()
    once = {seconds: max(states.READ.index(state) for other, state in read if other == seconds) for seconds, _ in read}
    for seconds in sorted(once):
        standing = advance(standing, Sample(at(seconds), states.READ[once[seconds]]), terms)
    says = [seconds for seconds in sorted(once) if once[seconds] > 0]
    row = max((last for one, last in itertools.pairwise([-1_000, *sorted(once)]) if last - one > 70), default=0)
    # The only one of its row that says anything says nothing.
    expected = (
        shown(standing, terms, at(2_000.5), paused=False, planned=False)
        if sum(seconds >= row for seconds in says) > 1
        else states.UNKNOWN
    )
    assert made[-1].state == expected
