"""The timeline of a probe, made bit by bit as its readings come: the same that `probe_states.timeline` makes of all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from maintenance.rules.probe_states import DOWN, UNKNOWN, WORKING, Sample, Span, Standing, Terms, advance, is_apart

_JUST: Final = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Segment:
    """A stretch of time in one state. `waits`: it is a failure's, and becomes down when that is confirmed."""

    state: str
    begins: dt.datetime
    ends: dt.datetime
    waits: bool = False


@dataclass(frozen=True)
class Folded:
    """What has to be known to go on: where the probe stood after the last reading that was folded in, and `tail`.

    The tail is what further readings may still change, with the segment before it, which may grow. It is short: at
    most the failures that do not yet confirm an outage. While it is empty nothing was known.

    `said` is how many of the last row of readings say anything, 2 for all numbers above 1. While it is 1 the last
    segment is that of a reading which stands alone, and is not shown (see `probe_states.backed`).
    """

    standing: Standing = field(default_factory=Standing)
    tail: tuple[Segment, ...] = ()
    said: int = 0

    @property
    def spans(self) -> list[Span]:
        """The tail as it is to be shown now; nothing of what is unknown."""
        return _joined(_shown(self.tail, self.said))


def fold(before: Folded, samples: Iterable[Sample], terms: Terms) -> tuple[list[Span], Folded]:
    """Fold in `samples`, in order and all later than what was folded in before.

    Returns every span from the beginning of `before.tail` on, those of the new tail included.
    """
    standing, tail, said, settled = before.standing, list(before.tail), before.said, []
    for sample in samples:
        if is_apart(standing.at, sample, terms):
            # The one that stood alone will do so for ever.
            tail, said = _shown(tail, said), 0
        if tail and tail[-1].ends > sample.at:
            tail[-1] = replace(tail[-1], ends=sample.at)
        standing = advance(standing, sample, terms)
        said = min(2, said + (sample.state != UNKNOWN))
        waits = sample.state == DOWN and standing.state != DOWN
        if sample.state in WORKING or (sample.state == DOWN and standing.failures == 1):
            tail = _decided(tail)
        if sample.state == DOWN and not waits:
            tail = _decided(tail, DOWN)
        if standing.state != UNKNOWN or waits:
            _append(tail, Segment(standing.state, sample.at, sample.at + terms.good_for, waits))
        if len(tail) > 1:
            done = _settled(tail)
            settled += tail[:done]
            del tail[:done]
    after = Folded(standing, tuple(tail), said)
    return _joined([*settled, *_shown(tail, said)]), after


def begin_again(before: Span | None, first: Sample, terms: Terms, *, known: bool) -> Folded:
    """What is known just before the reading `first`, when `before` is the last span that began before it.

    `known`: a span holds at the moment of `first`, so that others of its row are there. After a reading that worked, or
    when nothing was known, this is exact: what came before has no other influence. Otherwise the readings before it are
    not kept any more, and it stood as the span says.
    """
    covered = before is not None and before.ends >= first.at
    said = 2 if known or covered else 0
    # With a moment just before it the row goes on.
    anew = Standing(first.at - _JUST) if said else Standing()
    if before is None:
        return Folded(anew, said=said)
    tail = (Segment(before.state, before.begins, min(before.ends, first.at)),)
    if first.state in WORKING or not covered:
        return Folded(anew, tail, said)
    failures, since = (terms.confirmations, before.begins) if before.state == DOWN else (0, None)
    return Folded(Standing(first.at - _JUST, before.state, before.begins, failures, since), tail, said)


def _shown(tail: Sequence[Segment], said: int) -> list[Segment]:
    """Without that of a reading which stands alone."""
    return list(tail[:-1] if said == 1 else tail)


def changed(old: Sequence[Span], new: Sequence[Span]) -> tuple[dt.datetime, dt.datetime] | None:
    """From where until where two timelines differ; None when they are the same.

    Down time that began at another moment is another one, from there to its end.
    """
    edges = sorted({edge for span in (*old, *new) for edge in (span.begins, span.ends)})
    was, now = _values(old, edges), _values(new, edges)
    differing = [place for place, (one, other) in enumerate(zip(was, now, strict=True)) if one != other]
    return (edges[differing[0]], edges[differing[-1] + 1]) if differing else None


def _values(spans: Sequence[Span], edges: Sequence[dt.datetime]) -> Iterator[tuple[str, dt.datetime | None]]:
    """What holds from each edge to the next."""
    at = 0
    for edge in edges[:-1]:
        while at < len(spans) and spans[at].ends <= edge:
            at += 1
        if at < len(spans) and spans[at].begins <= edge:
            yield spans[at].state, spans[at].begins if spans[at].state == DOWN else None
        else:
            yield UNKNOWN, None


def _decided(tail: Sequence[Segment], state: str | None = None) -> list[Segment]:
    """Nothing of it waits any more: what did is in `state`, or stays what it was."""
    if not any(segment.waits for segment in tail):
        return list(tail)
    found: list[Segment] = []
    for segment in tail:
        decided = replace(segment, state=state or segment.state, waits=False) if segment.waits else segment
        if decided.state != UNKNOWN:
            _append(found, decided)
    return found


def _append(tail: list[Segment], segment: Segment) -> None:
    """Add a segment behind the last, or let that one grow."""
    last = tail[-1] if tail else None
    if last and not last.waits and not segment.waits and last.state == segment.state and last.ends == segment.begins:
        tail[-1] = replace(last, ends=segment.ends)
    else:
        tail.append(segment)


def _settled(tail: Sequence[Segment]) -> int:
    """How many segments at its beginning nothing can change any more."""
    waiting = next((place for place, segment in enumerate(tail) if segment.waits), len(tail))
    return max(0, waiting - 1)


def _joined(segments: Sequence[Segment]) -> list[Span]:
    """As spans: nothing of what is unknown, and what touches in one state is one."""
    found: list[Span] = []
    for segment in segments:
        if segment.state == UNKNOWN:
            continue
        if found and found[-1].state == segment.state and found[-1].ends == segment.begins:
            found[-1] = Span(segment.state, found[-1].begins, segment.ends)
        else:
            found.append(Span(segment.state, segment.begins, segment.ends))
    return found
