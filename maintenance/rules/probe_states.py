"""What readings mean: where a probe stands after each, and the timeline that many of them make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

UP: Final = "up"
# Counts as up, and is reported apart.
DEGRADED: Final = "degraded"
DOWN: Final = "down"
UNKNOWN: Final = "unknown"
# What people decide, and no reading says.
PAUSED: Final = "paused"
MAINTENANCE: Final = "maintenance"

# What a prober says of itself that no anchor answers.
NO_NETWORK: Final = "no anchor answers"

# What a reading may say, from nothing at all to the worst.
READ: Final = (UNKNOWN, UP, DEGRADED, DOWN)
NEVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)
WORKING: Final = frozenset({UP, DEGRADED})


@dataclass(frozen=True)
class Terms:
    """How often a probe looks and how long one look may take, in seconds; how many failures confirm an outage."""

    interval: float
    timeout: float
    confirmations: int = 2

    @property
    def good_for(self) -> dt.timedelta:
        """How long a reading is believed when no other follows: two intervals and a time-out."""
        return dt.timedelta(seconds=2 * self.interval + self.timeout)


@dataclass(frozen=True)
class Sample:
    """What was read at a moment."""

    at: dt.datetime
    state: str


@dataclass(frozen=True)
class Standing:
    """Where a probe stands after its last reading.

    `state` has held since `since`; a failure that is not confirmed does not change it. `failures` in a row began at
    `failing_since`. Nothing was read yet: `at` is None.
    """

    at: dt.datetime | None = None
    state: str = UNKNOWN
    since: dt.datetime | None = None
    failures: int = 0
    failing_since: dt.datetime | None = None


@dataclass(frozen=True)
class Span:
    """A stretch of time in one state, from `begins` until `ends`."""

    state: str
    begins: dt.datetime
    ends: dt.datetime


def advance(before: Standing, sample: Sample, terms: Terms) -> Standing:
    """Where the probe stands after `sample`.

    One that is no later than the last changes nothing: it came late or twice. One that is far earlier comes from a
    clock that was put back, and counts. After such a leap, or a gap, nothing is known of before, so that failures on
    both sides of it do not confirm each other.
    """
    if before.at is not None and before.at - terms.good_for <= sample.at <= before.at:
        return before
    if is_apart(before.at, sample, terms):
        before = Standing(since=sample.at)
    if sample.state == DOWN:
        failures, since = before.failures + 1, before.failing_since or sample.at
        if failures < terms.confirmations:
            return Standing(sample.at, before.state, before.since, failures, since)
        return Standing(sample.at, DOWN, before.since if before.state == DOWN else since, failures, since)
    held = before.since if before.state == sample.state else sample.at
    if sample.state == UNKNOWN:
        # Says nothing about the service: neither confirms failures nor ends them.
        return Standing(sample.at, UNKNOWN, held, before.failures, before.failing_since)
    return Standing(sample.at, sample.state, held)


def shown(standing: Standing, terms: Terms, now: dt.datetime, *, paused: bool, planned: bool) -> str:
    """The state to show at `now`: what people decided comes first, and a reading that is too old says nothing."""
    if paused:
        return PAUSED
    if planned:
        return MAINTENANCE
    return standing.state if is_fresh(standing, terms, now) else UNKNOWN


def is_fresh(standing: Standing, terms: Terms, now: dt.datetime) -> bool:
    """Whether the last reading is still believed."""
    return standing.at is not None and abs(now - standing.at) <= terms.good_for


def timeline(samples: Iterable[Sample], terms: Terms, begins: dt.datetime, ends: dt.datetime) -> list[Span]:
    """What was the state from `begins` to `ends`, without gaps or overlaps; samples come in any order.

    Each sets the state until the next one, at most for as long as it is believed. An outage begins at its first
    failure, once it is confirmed; failures that are not leave the state as it was. Of two at one moment the worse
    counts. One that stands alone sets nothing (see `backed`).
    """
    spans: list[Span] = []
    known: dict[dt.datetime, Sample] = {}
    for sample in samples:
        other = known.get(sample.at)
        if other is None or READ.index(sample.state) > READ.index(other.state):
            known[sample.at] = sample
    ordered = backed([known[at] for at in sorted(known)], terms)
    following = [*(sample.at for sample in ordered[1:]), NEVER]
    for sample, state, after in zip(ordered, _states(ordered, terms), following, strict=False):
        spans.append(Span(state, sample.at, min(sample.at + terms.good_for, after)))
    return _joined(spans, begins, ends)


def backed(ordered: Iterable[Sample], terms: Terms) -> list[Sample]:
    """The samples, which are in order, without those that stand alone.

    Samples of which each comes while the one before is still believed make a row. A row in which only one says anything
    says nothing: one look is no timeline, however long it would be believed. The second makes both count.
    """
    rows: list[list[Sample]] = []
    for sample in ordered:
        if not rows or is_apart(rows[-1][-1].at, sample, terms):
            rows.append([])
        rows[-1].append(sample)
    return [sample for row in rows if sum(each.state != UNKNOWN for each in row) > 1 for sample in row]


def is_apart(last: dt.datetime | None, sample: Sample, terms: Terms) -> bool:
    """Whether the one before, read at `last`, was believed no longer when `sample` was read, or there was none."""
    return last is None or abs(sample.at - last) > terms.good_for


def _states(ordered: list[Sample], terms: Terms) -> list[str]:
    """The state from each sample on; confirmed failures change those before them that confirmed them."""
    states: list[str] = []
    standing = Standing()
    waiting: list[int] = []
    for number, sample in enumerate(ordered):
        standing = advance(standing, sample, terms)
        states.append(standing.state)
        if sample.state in WORKING:
            waiting.clear()
        if sample.state == DOWN:
            if standing.failures == 1:
                waiting.clear()
            waiting.append(number)
            if standing.state == DOWN:
                for earlier in waiting:
                    states[earlier] = DOWN
                waiting.clear()
    return states


def _joined(spans: list[Span], begins: dt.datetime, ends: dt.datetime) -> list[Span]:
    """The spans within the period, what lies between them filled with unknown, and equal neighbours made one."""
    whole: list[Span] = []

    def add(state: str, since: dt.datetime, until: dt.datetime) -> None:
        since, until = max(since, begins), min(until, ends)
        if since >= until:
            return
        if whole and whole[-1].state == state:
            since = whole.pop().begins
        whole.append(Span(state, since, until))

    at = begins
    for span in spans:
        add(UNKNOWN, at, span.begins)
        add(span.state, span.begins, span.ends)
        at = max(at, span.ends)
    add(UNKNOWN, at, ends)
    return whole
