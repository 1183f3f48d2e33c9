"""A run beside the one before it: figures and findings, as its page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maintenance.models import Finding, FindingSighting, Run
from maintenance.rules import run_states
from maintenance.views.run_facts import tile
from zbmaint.ui import words

DID_ITS_WORK = (run_states.SUCCEEDED, run_states.WARNING)


@dataclass(frozen=True)
class Line:
    """One figure: how it was, how it is, and the difference; all written for people, empty where there is none."""

    label: str
    before: str
    now: str
    change: str


@dataclass(frozen=True)
class Comparison:
    """`gone` are the findings of the previous run that this one looked for and did not see any more."""

    previous: Run
    lines: list[Line]
    came: int
    stayed: int
    gone: list[Finding]


def compare(run: Run, seen: Iterable[FindingSighting]) -> Comparison | None:
    """Compare a run that did its work with the last one before it that did; None when there is no such pair."""
    if run.state not in DID_ITS_WORK or run.dry_run or not run.report:
        return None
    done = Run.objects.before(run).filter(state__in=DID_ITS_WORK)
    previous = done.only("id", "facts", "started_at", "finished_at").first()
    if previous is None:
        return None
    now = {sighting.finding_id for sighting in seen}
    earlier = {sighting.finding_id: sighting.finding for sighting in previous.sightings.select_related("finding")}
    missing = [finding for key, finding in earlier.items() if key not in now]
    return Comparison(
        previous=previous,
        lines=[*_took(previous, run), *_facts(previous.facts, run.facts)],
        came=len(now - earlier.keys()),
        stayed=len(now & earlier.keys()),
        gone=[finding for finding in missing if finding.state == Finding.State.RESOLVED],
    )


def _took(previous: Run, run: Run) -> list[Line]:
    before, now = previous.duration, run.duration
    if before is None or now is None:
        return []
    return [Line("Took", words.duration(before), words.duration(now), _signed(words.duration, now - before))]


def _facts(before: Any, now: Any) -> list[Line]:
    known = {fact["key"]: fact for fact in before if isinstance(fact, Mapping) and "key" in fact}
    return [_fact(known[fact["key"]], fact) for fact in now if isinstance(fact, Mapping) and fact.get("key") in known]


def _fact(before: Mapping[str, Any], now: Mapping[str, Any]) -> Line:
    was, is_ = tile(before), tile(now)
    return Line(is_.label, f"{was.value} {was.unit}".strip(), f"{is_.value} {is_.unit}".strip(), _change(before, now))


def _change(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    old, new, unit = before.get("value"), now.get("value"), now.get("unit")
    if isinstance(old, bool) or not isinstance(old, int | float) or not isinstance(new, int | float):
        return ""
    if unit == "bytes":
        return _signed(words.size, new - old)
    if unit == "seconds":
        return _signed(words.duration, new - old)
    return words.change(new - old)


def _signed(write: Any, difference: Any) -> str:
    if not difference:
        return "0"
    text: str = write(difference)
    return text if text.startswith("−") else f"+{text}"
