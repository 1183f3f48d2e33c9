"""The tickets that are not finished now: how many, in what situation, and how they came into it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from zbmaint.dashboard.demo import stock
from zbmaint.dashboard.demo.desk import Desk
from zbmaint.dashboard.demo.life import Life
from zbmaint.dashboard.demo.period import DAY
from zbmaint.dashboard.demo.plots import HOUR, MINUTE, Plot, opened, reopen, vendor_of
from zbmaint.dashboard.demo.state import Opened
from zbmaint.dashboard.demo.template import Filled

# Of the first tickets 3 in 100 are unfinished, of those beyond 5: a desk of this size keeps up, a benchmark has many.
A_DESK, OF_A_DESK, OF_MORE = 2_000, 0.03, 0.05
TIERS: Final = (1, 1, 2, 1, 3, 1, 2, 1, 1, 2, 1, 3)
# In this order again and again, so that few tickets have every situation too.
SITUATIONS: Final = (
    *("working", "waiting", "soon", "working", "overdue", "waiting", "paused", "working", "unassigned", "waiting"),
    *("working", "soon", "reopened", "waiting", "working", "vendor", "working", "waiting", "paused_unanswered"),
    *("working", "waiting", "overdue", "working"),
)
SOON: Final = 28 * MINUTE
A_WHILE: Final = 45 * MINUTE  # what waits on track has more left than this, if its target gives as much


@dataclass(frozen=True)
class Plan:
    """A ticket that is opened at `created_at`, comes to its tier at `entered_at`, and is in `situation` now."""

    created_at: dt.datetime
    entered_at: dt.datetime
    situation: str
    tier: int
    severity: str
    filled: Filled
    chance: random.Random


def number_of(tickets: int) -> int:
    """How many of them are unfinished."""
    return round(min(tickets, A_DESK) * OF_A_DESK + max(0, tickets - A_DESK) * OF_MORE)


def in_order(desk: Desk, tickets: int) -> list[tuple[dt.datetime, int]]:
    """When those of `tickets` were opened, in that order, with their indexes: no more is kept until they are told."""
    return sorted((plan_of(desk, index).created_at, index) for index in range(number_of(tickets)))


def plan_of(desk: Desk, index: int) -> Plan:
    """What becomes of one of them."""
    chance = desk.period.chance("unfinished", index)
    situation, tier = SITUATIONS[index % len(SITUATIONS)], TIERS[index % len(TIERS)]
    if situation == "vendor":
        situation, tier = ("vendor", 3) if index < len(SITUATIONS) else ("working", tier)
    filled = stock.draw_for(tier, chance, unclaimed=situation == "unassigned" and tier == 1)
    severity = stock.severity_of(filled.template, chance)
    entered_at = desk.now - _since(desk, situation, tier, severity, chance)
    before = (tier - 1) * chance.uniform(0.3, 20) * HOUR + (situation == "reopened") * chance.uniform(20, 90) * HOUR
    created_at = max(entered_at - dt.timedelta(seconds=before), desk.period.begins)
    return Plan(created_at, entered_at, situation, tier, severity, filled, chance)


def _since(desk: Desk, situation: str, tier: int, severity: str, chance: random.Random) -> dt.timedelta:
    """How long it has been in its tier."""
    target = float(desk.seconds[tier, severity])
    if situation == "soon":
        seconds = target - chance.uniform(0.1, 1.0) * min(SOON, target * 0.9)
    elif situation == "overdue":
        seconds = target + chance.uniform(4, 170) * MINUTE
    elif situation in ("waiting", "unassigned", "reopened"):
        seconds = chance.uniform(0.02, 1.0) * max(target - A_WHILE, target * 0.5)
    elif situation == "paused_unanswered":
        cap = desk.caps[tier, severity].total_seconds()
        seconds = min(target * chance.uniform(0.1, 0.9), 0.4 * cap) + 10 * MINUTE
    else:
        seconds = chance.uniform(1.5, 120) * HOUR
    # A tier with a very long target keeps what is new in the front of the queue, not what is days old.
    return min(dt.timedelta(seconds=seconds), 6 * DAY)


def tell(desk: Desk, index: int, number: int) -> Life:
    """Tell one of them until now."""
    plan = plan_of(desk, index)
    chance, direct = plan.chance, plan.tier == 1
    told: Opened = opened(desk, plan.filled, plan.severity, chance, on_call=plan.situation != "unassigned")
    life = Life(desk, number, told, plan.created_at, chance, by=desk.opener(told.reported_by, chance))
    plot = Plot(life, plan.filled, plan.entered_at)
    if plan.situation == "reopened":
        plot.climb(plan.tier)
        plot.answer()
        plot.work()
        plot.resolve()
        reopen(plot, plan.entered_at)
    elif not direct:
        plot.climb(plan.tier, plan.entered_at)
    plot.at, plot.limit = plan.entered_at, desk.now
    NOW_IN[plan.situation](plot)
    return life


def _waits(_plot: Plot) -> None:
    """Nobody has answered."""


def _unassigned(plot: Plot) -> None:
    if plot.life.assignee is not None:
        plot.life.assign(plot.wait(2 * MINUTE), plot.chance.choice(plot.desk.leads), None)


def _works(plot: Plot) -> None:
    plot.answer(in_time=True)
    plot.work(share=0.4)


def _paused(plot: Plot) -> None:
    plot.answer(in_time=True)
    _stop(plot)


def _stop(plot: Plot) -> None:
    """Its clocks stand still, since a while and until later."""
    life, chance = plot.life, plot.chance
    cap = plot.desk.caps[life.tier, life.severity].total_seconds()
    since = min(cap * chance.uniform(0.05, 0.3), (plot.limit - plot.at).total_seconds() * 0.5)
    until = plot.limit + dt.timedelta(seconds=cap * chance.uniform(0.1, 0.6))
    plot.at = plot.limit - dt.timedelta(seconds=since)
    reason = chance.choice(stock.WAITS)
    life.pause(plot.at, plot.hands, until.replace(second=0, microsecond=0), reason)


def _with_vendor(plot: Plot) -> None:
    plot.answer(in_time=True)
    plot.work(share=0.2)
    at = plot.wait(HOUR)
    cap = plot.desk.caps[3, plot.life.severity].total_seconds()
    room, stopped = (plot.limit - at).total_seconds(), plot.life.stay is None or plot.life.stay.halts
    until = plot.limit + dt.timedelta(seconds=cap * 0.3) if room < cap * 0.6 and not stopped else None
    plot.life.to_vendor(vendor_of(plot, at), pause_until=until)


NOW_IN: Final[dict[str, Callable[[Plot], None]]] = {
    "waiting": _waits,
    "soon": _waits,
    "overdue": _waits,
    "reopened": _waits,
    "unassigned": _unassigned,
    "working": _works,
    "paused": _paused,
    "paused_unanswered": _stop,
    "vendor": _with_vendor,
}
