"""The weekly report as a message: the parts of a letter (see `zbmaint.notifications.transports.letter`).

Everything stands in the message, as text and tables: whoever gets it need not be one of our people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from maintenance.rules.amounts import count
from maintenance.rules.figure_words import NOTHING, change, figure
from maintenance.rules.ratios import ENOUGH_FOR_TREND, headline_success
from maintenance.rules.weekly_unmeasured import is_idle
from maintenance.rules.weekly_unmeasured import lines as unmeasured_lines
from maintenance.rules.weeks import said
from zbmaint.ui.words import day, duration

Content = Mapping[str, Any]
Section = dict[str, Any]
UPTIME_DIGITS: Final = 3


class Headline(NamedTuple):
    """A figure that a report begins with."""

    key: str
    name: str
    unit: str
    digits: int


COMPLETED: Final = Headline("tasks_completed", "Tasks completed", "count", 0)
AVERAGE: Final = Headline("average_task_duration_seconds", "Average task duration", "seconds", 0)
SUCCESS: Final = Headline("success_rate", "Success rate", "ratio", 1)
STRICT: Final = Headline("success_rate_strict", "Strict success rate", "ratio", 1)
UPTIME: Final = Headline("uptime", "Uptime", "ratio", UPTIME_DIGITS)
# Every figure that may be one, and what says how many due times were missed.
HEADLINES: Final = (COMPLETED, AVERAGE, SUCCESS, STRICT, UPTIME)
MISSED: Final = "occurrences_missed"
EFFECTS: Final = {"down": "Down", "degraded": "Slow", "maintenance": "In maintenance"}
ENDINGS: Final = {"failed": "failed", "timed_out": "timed out", "lost": "lost", "missed": "missed"}
KPI_TITLE: Final = "All figures"


def span(content: Content) -> str:
    """Monday 23 to Sunday 29 March 2026, UTC."""
    first = dt.date.fromisoformat(content["week_starting"])
    last = first + dt.timedelta(days=6)
    month = f" {first:%B}" if first.month != last.month else ""
    year = f" {first.year}" if first.year != last.year else ""
    return f"Monday {first.day}{month}{year} to Sunday {last.day} {last:%B %Y}, {content['zone']}"


def subject(content: Content) -> str:
    """The subject of the message."""
    return f"Weekly maintenance report: {said(content['week'])}"


def brief(content: Content) -> dict[str, Any]:
    """For a chat: the summary and the headline figures."""
    return {"text": " ".join(content["summary"]), "facts": headlines(content)}


def whole(content: Content) -> dict[str, Any]:
    """For a mail: everything, in tables."""
    tables = (_tasks, _troubles, _tiers, _services, _outages, _erasures, _unmeasured, _figures)
    sections = [section for table in tables if (section := table(content))]
    return brief(content) | {"text": f"{span(content)}. {' '.join(content['summary'])}", "sections": sections}


def chosen(missed: int | None) -> tuple[Headline, ...]:
    """The figures that the specification asks for. The success rate counts nothing that never started, so once due
    times were missed the strict one stands for it."""
    return COMPLETED, AVERAGE, next(each for each in HEADLINES if each.key == headline_success(missed)), UPTIME


def headlines(content: Content) -> list[list[str]]:
    """The figures that the report begins with, each with its change."""
    facts = [["Week starting", day(dt.date.fromisoformat(content["week_starting"]))]]
    for key, name, unit, digits in chosen(content["figures"][MISSED]):
        value = figure(content["figures"][key], unit, digits)
        step = shown_change(content, key, unit, digits)
        facts.append([name, f"{value} ({step} from the week before)" if step else value])
    return facts


def shown_change(content: Content, key: str, unit: str, digits: int = 1) -> str:
    """The change of a figure; empty when there is none to tell, or too little behind it to mean something."""
    before = content["before"]
    if not before or not is_trend(key, unit, content["n"][key], content["before_n"][key]):
        return ""
    return change(content["figures"][key], before[key], unit, digits)


def is_trend(key: str, unit: str, n: int, n_before: int) -> bool:
    """Whether there is enough behind two values for their difference to mean something."""
    return unit in ("count", "days") or key.startswith("uptime") or min(n, n_before) >= ENOUGH_FOR_TREND


def moment(text: str) -> str:
    """A time of the content: Tue 24 Mar, 02:03."""
    at = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    return f"{at:%a} {at.day} {at:%b, %H:%M}"


def _table(name: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> Section | None:
    return {"title": name, "head": list(head), "rows": [list(row) for row in rows], "note": note} if rows else None


def _tasks(content: Content) -> Section | None:
    head = ("Task", "Planned", "Completed", "Failed", "Missed", "Success", "Average")
    rows = [
        (
            *(row["title"], f"{row['planned']:,}", f"{row['completed']:,}", f"{row['failed']:,}", f"{row['missed']:,}"),
            *(figure(row["success_rate"], "ratio"), figure(row["average_seconds"], "seconds")),
        )
        for row in content["tasks"]
        if not is_idle(row)
    ]
    idle = sum(map(is_idle, content["tasks"]))
    more = f"{count(idle, 'more task is', 'more tasks are')} not configured: see what was not measured." if idle else ""
    return _table("Maintenance tasks", head, rows, more)


def _troubles(content: Content) -> Section | None:
    lines = [said_trouble(row) + (f" ({row['ticket']})" if row["ticket"] else "") for row in content["troubles"]]
    return _list("What did not do its work", lines, content["troubles_left_out"])


def said_trouble(row: Mapping[str, Any]) -> str:
    """One of the troubles as a sentence."""
    where = f" on {row['target']}" if row["target"] else ""
    says = f": {row['says']}" if row["says"] else ""
    sentence = f"{row['title']}{where} {ENDINGS[row['state']]}, {moment(row['at'])}{says}"
    return f"{sentence.removesuffix('.')}.{mended(row)}"


def mended(row: Mapping[str, Any]) -> str:
    """When a later run made it good, behind a sentence."""
    return f" The run that ended {moment(row['mended_at'])} made it good." if row["mended_at"] else ""


def _tiers(content: Content) -> Section | None:
    head = ("Tier", "Received", "Resolved", "Escalated", "Responses", "In target", "Median")
    rows = [
        (
            f"Tier {row['tier']}" if row["tier"] else "All",
            *(f"{row['received']:,}", f"{row['resolved']:,}", f"{row['escalated']:,}"),
            f"{row['responses_met']:,} of {row['responses']:,}",
            figure(row["response_compliance"], "ratio") if row["responses"] >= ENOUGH_FOR_TREND else NOTHING,
            figure(row["mtta_median_seconds"], "seconds"),
        )
        for row in content["tiers"]
    ]
    note = "Median is the time to the first response. Below ten responses no rate is given."
    return _table("Tickets by tier", head, rows, note)


def _services(content: Content) -> Section | None:
    head = ("Service", "Uptime", "With maintenance", "Measured", "Week before")
    rows = [
        (
            row["name"],
            *(figure(row[key], "ratio", UPTIME_DIGITS) for key in ("uptime", "uptime_gross")),
            figure(row["coverage"], "ratio"),
            figure(row["uptime_before"], "ratio", UPTIME_DIGITS),
        )
        for row in content["services"]
    ]
    return _table("Uptime by service", head, rows)


def _outages(content: Content) -> Section | None:
    head = ("Started", "Service", "Effect", "Cause", "Length")
    rows = [
        (moment(row["from"]), row["name"], EFFECTS[row["effect"]], row["cause"] or NOTHING, duration(row["seconds"]))
        for row in content["outages"]
    ]
    left = content["outages_left_out"]
    table = _table("Outages", head, rows, f"{left:,} more are on the page." if left else "")
    return table and {**table, "left": 4}


def _erasures(content: Content) -> Section | None:
    return _list("Taken out of the uptime afterwards", [said_erasure(row) for row in content["erasures"]], 0)


def said_erasure(row: Mapping[str, Any]) -> str:
    """How much down time of a service was taken out, and by which window."""
    return (
        f"{row['name']}: {duration(row['seconds'])} of down time by “{row['reason']}”, {moment(row['from'])} to "
        f"{moment(row['until'])}, approved {moment(row['approved_at'])} by {row['approved_by']}."
    )


def _unmeasured(content: Content) -> Section | None:
    lines = [f"{line.strong} {line.text}" for line in unmeasured_lines(content)]
    return _list("What was not measured", lines, 0)


def _figures(content: Content) -> Section | None:
    units = {row["key"]: (row["name"], row["unit"]) for row in content["method"]}
    rows = [
        (
            name,
            figure(content["figures"][key], unit, digits_of(key)),
            shown_change(content, key, unit, digits_of(key)) or NOTHING,
            f"{content['n'][key]:,}",
        )
        for key, (name, unit) in units.items()
    ]
    return _table(KPI_TITLE, ("Figure", "This week", "Change", "n"), rows, "n is how many rows a figure is made of.")


def digits_of(key: str) -> int:
    """The digits behind the point of a rate: of an uptime more than of others."""
    return UPTIME_DIGITS if key.startswith("uptime") and key != "uptime_coverage" else 1


def _list(name: str, lines: Sequence[str], left_out: int) -> Section | None:
    if not lines:
        return None
    more = [f"{left_out:,} more are on the page."] if left_out else []
    return {"title": name, "lines": [*lines, *more]}
