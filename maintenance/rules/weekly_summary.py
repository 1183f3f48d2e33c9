"""The summary of a weekly report: sentences that follow from its content by rules. Pure, tested by table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from maintenance.rules.amounts import count
from maintenance.rules.figure_words import figure
from maintenance.rules.ratios import ENOUGH_COVERAGE, ENOUGH_FOR_TREND, headline_success
from zbmaint.ui.words import duration_in_words

Content = Mapping[str, Any]
HAPPENED: Final = {
    "failed": "failed",
    "timed_out": "reached its time limit",
    "lost": "was lost",
    "missed": "never started",
}
RATES: Final = {"success_rate": "the success rate", "success_rate_strict": "the strict success rate"}
# Names that a sentence lists at most.
MOST_NAMES: Final = 3


def sentences(content: Content) -> list[str]:
    """What somebody should know who reads no table, the most important first."""
    return [said for rule in RULES if (said := rule(content))]


def work(content: Content) -> str:
    """How much was done of what was planned."""
    figures = content["figures"]
    completed, planned = figures["tasks_completed"], figures["occurrences_expected"]
    if not completed and not planned:
        return "No maintenance was planned, and none was done."
    done = count(completed or 0, "task was", "tasks were") + " completed"
    plan = f"and {count(planned, 'was', 'were')} planned" if planned else "and none was planned"
    missing = figures["runs_not_configured"]
    return f"{done}, {plan}" + (f"; {count(missing, 'run was', 'runs were')} not configured." if missing else ".")


def what_went_wrong(content: Content) -> str:
    """What failed or never started, and whether it was made good."""
    troubles = content["troubles"]
    if not troubles:
        return ""
    number = len(troubles) + content["troubles_left_out"]
    if number > MOST_NAMES:
        ways = Counter(row["state"] for row in troubles)
        said = f"{number} did not do their work: {_joined([_times(ways[way], way) for way in HAPPENED if ways[way]])}"
    else:
        said = _joined([f"{row['title']} {HAPPENED[row['state']]}" for row in troubles])
    left = sum(1 for row in troubles if not row["mended_at"])
    if not left and not content["troubles_left_out"]:
        made_good = "a later run made it good" if number == 1 else "later runs made all of it good"
    elif left == number:
        made_good = "no later run of the week made it good"
    else:
        made_good = f"for {left} of them no later run of the week made it good"
    return f"{said}; {made_good}."


def _times(number: int, way: str) -> str:
    words = {"timed_out": "timed out", "lost": "were lost", "missed": "never started"}
    return f"{number} {words.get(way, way)}" if number > 1 else f"1 {HAPPENED[way]}"


def downtime(content: Content) -> str:
    """Which services were down outside maintenance, and for how long."""
    services = [row for row in content["services"] if row["service"]]
    if not services:
        return ""
    if all(row["coverage"] == 0 for row in services):
        return "The uptime is not known: no service was measured."
    down = sorted((row for row in services if row["down_seconds"]), key=lambda row: -row["down_seconds"])
    if not down:
        return "No service was down outside maintenance, as far as was measured."
    said = _joined([f"{row['name']} for {duration_in_words(row['down_seconds'])}" for row in down[:MOST_NAMES]])
    others = len(down) - MOST_NAMES
    more = f", and {count(others, 'other service')} for less" if others > 0 else ""
    return f"Down outside maintenance: {said}{more}."


def slowness(content: Content) -> str:
    """Which services were slow."""
    slow: Counter[str] = Counter()
    for row in content["outages"]:
        if row["effect"] == "degraded":
            slow[row["name"]] += row["seconds"]
    if not slow:
        return ""
    named = [f"{name} for {duration_in_words(seconds)}" for name, seconds in slow.most_common(MOST_NAMES)]
    return f"Slow: {_joined(named)}."


def coverage(content: Content) -> str:
    """That too little was measured for the uptime to say much."""
    share = content["figures"]["uptime_coverage"]
    if share is None or share >= ENOUGH_COVERAGE:
        return ""
    return f"Only {figure(share, 'ratio')} of the time was measured, so the uptime says little."


def erasures(content: Content) -> str:
    """That down time is missing from the uptime, by windows that were approved later."""
    seconds = sum(row["seconds"] for row in content["erasures"])
    if not seconds:
        return ""
    return f"Windows that were approved afterwards took {duration_in_words(seconds)} of down time out of the uptime."


def tickets(content: Content) -> str:
    """How many tickets came and went."""
    figures = content["figures"]
    opened, resolved, backlog = figures["tickets_opened"], figures["tickets_resolved"], figures["backlog"]
    if not opened and not resolved and not backlog:
        return "No ticket was opened, and none is open."
    came = f"{count(opened or 0, 'ticket was', 'tickets were')} opened and {resolved or 0:,} resolved"
    return came + (f"; {count(backlog, 'was', 'were')} open at the end." if backlog is not None else ".")


def responses(content: Content) -> str:
    """Which tiers missed response targets."""
    late = [row for row in content["tiers"] if row["tier"] and row["responses"] > row["responses_met"]]
    said = [
        f"tier {row['tier']} missed {row['responses'] - row['responses_met']:,} of "
        f"{count(row['responses'], 'response target')}"
        for row in late
    ]
    return f"{_joined(said).capitalize()}." if said else ""


def worse(content: Content) -> str:
    """Headline rates that fell, when there is enough behind them for that to mean something."""
    before, counts, counts_before = content["before"], content["n"], content["before_n"]
    rate = headline_success(content["figures"]["occurrences_missed"])
    said = []
    for key, name in ((rate, RATES[rate]), ("schedule_adherence", "what started in time")):
        fell = content["changes"].get(key)
        if not before or fell is None or fell >= 0 or min(counts[key], counts_before[key]) < ENOUGH_FOR_TREND:
            continue
        said.append(f"{name} fell from {figure(before[key], 'ratio')} to {figure(content['figures'][key], 'ratio')}")
    text = _joined(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


RULES: Final[tuple[Callable[[Content], str], ...]] = (
    *(work, what_went_wrong, downtime, slowness, coverage, erasures, tickets, responses, worse),
)
