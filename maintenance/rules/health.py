"""How things are together: what the parts of the platform say, and what differs from the report before. Pure.

One rule makes a whole of things that were looked at, be it a part of its probes or the platform of its parts:

1. Nothing was looked at, or nothing is known of anything: unknown.
2. A critical one is down, or all of them are: down.
3. Of a critical one nothing is known: unknown.
4. One is down or degraded: degraded.
5. Else: up. That of one which is not critical nothing is known changes nothing, and is said.

What people have paused, or have in planned work, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from maintenance.rules.probe_states import DEGRADED, DOWN, READ, UNKNOWN, UP

# The parts of a report, by their key, as the specification has them and what it leaves out; what each is called.
PARTS: Final[Mapping[str, str]] = {
    "application": "Application",
    "database": "Database",
    "cache": "Cache",
    "external_services": "External services",
    "performance_metrics": "Performance",
    "queue": "Queue and workers",
    "scheduler": "Scheduler and prober",
    "disk": "Disk",
}
# Of which one says "are", though each is one: parts, and checks of the product itself.
PLURAL: Final = frozenset(
    (
        *(PARTS[key] for key in ("external_services", "queue", "scheduler")),
        *("Workers", "Notices", "Deliveries", "Schedules", "Figures"),
    )
)
MOST_NAMED: Final = 3
# From these shares on something is nearly used up.
MEMORY_FULL: Final = 0.95
CONNECTIONS_FULL: Final = 0.9


@dataclass(frozen=True)
class Seen:
    """Something that was looked at: how it is, whether all depends on it, and a sentence that says why (or empty)."""

    name: str
    state: str
    critical: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Whole:
    """How things are together, and a sentence or two."""

    state: str
    says: str


def together(seen: Sequence[Seen], nothing: str = "Nothing looks at it.", noun: str = "") -> Whole:
    """What they are together, by the rule above; `nothing` is what to say when there is nothing, `noun` what they are
    called, in the plural."""
    counted = [each for each in seen if each.state in READ]
    if not counted:
        return Whole(UNKNOWN, "All of it is paused, or in planned work." if seen else nothing)
    return Whole(_state(counted), _says(counted, f" {noun}".rstrip()))


def _state(seen: Sequence[Seen]) -> str:
    states = {each.state for each in seen}
    critical = {each.state for each in seen if each.critical}
    if states == {UNKNOWN}:
        return UNKNOWN
    if DOWN in critical or states == {DOWN}:
        return DOWN
    if UNKNOWN in critical:
        return UNKNOWN
    return DEGRADED if states & {DOWN, DEGRADED} else UP


def _says(seen: Sequence[Seen], noun: str) -> str:
    """Who is not up, the worst first, with the reason of the worst; and how many are."""
    sentences: list[str] = []
    for state, words in ((DOWN, "down"), (DEGRADED, "degraded"), (UNKNOWN, "unknown")):
        them = sorted((each for each in seen if each.state == state), key=lambda each: not each.critical)
        if not them:
            continue
        names = [each.name for each in them[:MOST_NAMED]]
        if len(them) > MOST_NAMED:
            names.append(f"{len(them) - MOST_NAMED:,} more")
        said = f"{_listed(names)} {_verb(them)} {words}"
        # A part may be called like the one service that is the reason: it is said once.
        reason = them[0].reason.removeprefix(said).lstrip(":. ") if len(them) == 1 and not sentences else ""
        sentences.append(f"{said}: {reason}" if reason else f"{said}.")
    well = [each for each in seen if each.state == UP]
    if well and not sentences:
        one = well[0].reason or f"{well[0].name} {_verb(well)} up."
        return one if len(well) == 1 else f"All {len(well):,}{noun} are up."
    if well:
        sentences.append(f"{len(well):,} of {len(seen):,}{noun} {'is' if len(well) == 1 else 'are'} up.")
    return " ".join(sentences)


def _verb(them: Sequence[Seen]) -> str:
    return "are" if len(them) > 1 or them[0].name in PLURAL else "is"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def used_up(used: float | None, most: float | None, full: float) -> bool:
    """Whether `used` of `most` is at least the share `full`; what is not known is not."""
    return used is not None and most is not None and most > 0 and used / most >= full


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """What differs between the contents of two reports, in sentences; nothing without one before."""
    if before is None:
        return []
    pairs = [("Overall", before.get("overall"), after["overall"])]
    for key, title in PARTS.items():
        pairs.append((title, (before.get(key) or {}).get("status"), (after.get(key) or {}).get("status")))
    return [f"{title}: {old} → {new}" for title, old, new in pairs if old and new and old != new]
