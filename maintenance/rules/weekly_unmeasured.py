"""What a weekly report says was not measured, and what its rates leave out. Pure, tested by table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from maintenance.rules.amounts import count
from maintenance.rules.figure_words import figure
from maintenance.rules.uptime import LEAST_COVERAGE, LEAST_KNOWN
from zbmaint.ui.words import day, duration

Content = Mapping[str, Any]
WARNING: Final = "warning"
NOT_CONFIGURED: Final = "not_configured"
INFO: Final = "info"
# The number that stands for all critical services at once.
SYSTEM: Final = 0
MINUTE: Final = 60 * 1_000_000  # microseconds


@dataclass(frozen=True)
class Line:
    """One line: its beginning, which stands out, and the rest. `tickets` are names and addresses that belong to it."""

    mark: str
    strong: str
    text: str
    tickets: Sequence[tuple[str, str]] = ()


def lines(content: Content) -> list[Line]:
    """All of it, what was not measured before what was left out."""
    found = [*_beginning(content), *_gaps(content), *_coverage(content), *_not_configured(content), *_left_out(content)]
    return found or [Line(INFO, "Nothing is missing:", "every service was measured all the time.")]


def is_idle(task: Mapping[str, Any]) -> bool:
    """Whether the row of a task says that it was not configured each time, and nothing else: it is one of `lines`."""
    counts = ("planned", "completed", "failed", "missed")
    return bool(task["task"] and task["not_configured"]) and not any(task[key] for key in counts)


def _beginning(content: Content) -> list[Line]:
    first, monday = content["first_data"], content["week_starting"]
    if not first or first <= monday:
        return []
    text = "what was before is not known. Rates and sums are of the rest of the week."
    return [Line(WARNING, f"The first data is of {day(dt.date.fromisoformat(first))}:", text)]


def _gaps(content: Content) -> list[Line]:
    found = [_gap(row) for row in content["unmeasured"]["gaps"]]
    more = content["unmeasured"]["gaps_left_out"]
    if more:
        found.append(Line(WARNING, f"{count(more, 'shorter gap')} more", "without readings count as unknown as well."))
    return found


def _gap(row: Mapping[str, Any]) -> Line:
    # Reports that were frozen before gaps of most services were one have no numbers of services: there it was of all.
    services, of = row.get("services", 1), row.get("of", 1)
    who = f"{row['name']}:" if row["name"] else "All services:" if services == of else f"{services} of {of} services:"
    longest, shortest = duration(row["seconds"]), duration(row.get("least_seconds", row["seconds"]))
    length = longest if longest == shortest else f"{shortest} to {longest}"
    within = ", " if longest == shortest else " within "
    why = ", paused" if row["paused"] else ""
    text = f"{length} without readings{within}{_stretch(row)}{why}. The time counts as unknown, not as up."
    return Line(WARNING, who, text)


def _stretch(row: Mapping[str, Any]) -> str:
    begins, ends = (dt.datetime.fromisoformat(row[key]).astimezone(dt.UTC) for key in ("from", "until"))
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{ends:%a} {ends.day} {ends:%b, %H:%M}"
    return f"{begins:%a} {begins.day} {begins:%b, %H:%M} to {until} UTC"


def _coverage(content: Content) -> list[Line]:
    found = list(_without_uptime(content))
    share = content["figures"]["uptime_coverage"]
    if share is None and any(row["service"] == SYSTEM for row in content["services"]):
        found.append(Line(INFO, "The system:", "in maintenance all the time, so it has no uptime."))
    elif share is None:
        text = "no critical service is looked at, so it has no uptime."
        found.append(Line(NOT_CONFIGURED, "The system:", text))
    elif share < 1:
        enough = "" if content["figures"]["uptime"] is not None else ", too little for an uptime"
        text = f"of the time of the system {figure(share, 'ratio')} was measured{enough}."
        found.append(Line(INFO, "Measured:", text))
    return found


def _without_uptime(content: Content) -> Iterator[Line]:
    """The services without an uptime, by why they have none: too little is known of some, and nothing of others."""
    why: dict[str, list[str]] = {"dark": [], "little": [], "short": [], "planned": []}
    for row in content["services"]:
        if row["service"] == SYSTEM or row["uptime"] is not None:
            continue
        share = row["coverage"]
        if share is None:
            why["planned"].append(row["name"])
        elif not share:
            why["dark"].append(row["name"])
        elif share < LEAST_COVERAGE:
            why["little"].append(f"{row['name']} ({figure(share, 'ratio')})")
        else:
            why["short"].append(row["name"])
    least, minutes = figure(LEAST_COVERAGE, "ratio", 0), LEAST_KNOWN // MINUTE
    if why["dark"]:
        yield Line(WARNING, f"{', '.join(why['dark'])}:", "nothing is known of this week.")
    if why["little"]:
        text = f"too little is known for an uptime, which takes {least} of the time."
        yield Line(WARNING, f"{', '.join(why['little'])}:", text)
    if why["short"]:
        text = f"known for too short a time for an uptime, which takes {minutes} minutes."
        yield Line(INFO, f"{', '.join(why['short'])}:", text)
    if why["planned"]:
        yield Line(INFO, f"{', '.join(why['planned'])}:", "in maintenance all the time, so there is no uptime.")


def _not_configured(content: Content) -> list[Line]:
    names = [row["title"] for row in content["tasks"] if row["task"] and row["not_configured"]]
    if not names:
        return []
    return [Line(NOT_CONFIGURED, "Planned, but not set up or not carried out by this version:", f"{_joined(names)}.")]


def _left_out(content: Content) -> list[Line]:
    figures = content["figures"]
    counts = (
        (figures["dry_runs"], "dry run", ""),
        (figures["runs_cancelled"], "cancelled run", ""),
        (figures["runs_skipped"], "skipped run", ""),
        (figures["runs_not_configured"], "run that was not configured", "runs that were not configured"),
        (figures["occurrences_held"], "due time that was held", "due times that were held"),
        (figures["tickets_left_out"], "ticket without a fault or a duplicate", "tickets without a fault or duplicates"),
    )
    said = [count(number, noun, plural) for number, noun, plural in counts if number]
    if not said:
        return []
    tickets = [(row["ticket"], row["url"]) for row in content["unmeasured"]["tickets"]]
    return [Line(INFO, "Left out of the rates:", f"{_joined(said)}.", tickets)]


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
