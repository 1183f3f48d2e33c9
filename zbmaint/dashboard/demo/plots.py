"""What happens to a ticket of people, in steps that every plot is made of."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Sequence

from zbmaint.access.models import Person
from zbmaint.dashboard.demo import stock
from zbmaint.dashboard.demo.desk import Desk
from zbmaint.dashboard.demo.life import Life
from zbmaint.dashboard.demo.state import Opened, Vendor
from zbmaint.dashboard.demo.template import Filled

MINUTE, HOUR, A_DAY = 60.0, 3600.0, 86400.0
A_PAUSE = dt.timedelta(minutes=5)
LATE = 0.09  # share of the responses that come after their target
MOST_OF_WHAT_IS_LEFT = 0.3
WORK = {1: 1.2 * HOUR, 2: 5 * HOUR, 3: 16 * HOUR}  # median from the response to the end, or to the next tier
UP = {  # why a category goes up, as the position among the criteria of the tier that it leaves
    1: {"security": 1, "infrastructure": 2, "database": 3},
    2: {"infrastructure": 0, "database": 1, "security": 2, "architecture": 3},
}


class Plot:
    """Leads a ticket through its life. Time passes with `wait`, and never beyond `limit`."""

    def __init__(self, life: Life, filled: Filled, limit: dt.datetime) -> None:
        self.life, self.filled, self.limit = life, filled, limit
        self.desk: Desk = life.desk
        self.chance = life.chance
        self.at = life.created_at
        self.said: set[str] = set()

    def wait(self, seconds: float) -> dt.datetime:
        """Let so much time pass, or less where there is less."""
        left = max(0.0, (self.limit - self.at).total_seconds())
        self.at += dt.timedelta(seconds=min(seconds, left * MOST_OF_WHAT_IS_LEFT))
        return self.at

    def some(self, median: float) -> float:
        """A length that is usually about `median`, and seldom much more."""
        return median * math.exp(0.8 * self.chance.gauss(0.0, 1.0))

    def pick(self, words: Sequence[str]) -> str:
        """One of them, with the names of this ticket."""
        return self.filled.say(words[int(self.chance.random() * len(words))])

    def colleague(self) -> Person:
        """Somebody of the tier who is there."""
        return self.chance.choice(self.desk.available(self.life.tier, self.at))

    @property
    def hands(self) -> Person:
        """Who works on it: its assignee, unless they are away."""
        mine = self.life.assignee
        return mine if mine is not None and not self.desk.is_away(mine, self.at) else self.colleague()

    # -- the steps ------------------------------------------------------------------------------------------------

    def answer(self, *, in_time: bool = False) -> None:
        """Its tier answers: who was given it acknowledges it, or a colleague is faster."""
        life, chance = self.life, self.chance
        target = self.desk.seconds[life.tier, life.severity]
        if not in_time and chance.random() < LATE:
            self.wait(target * (1 + chance.expovariate(2.0)))
        else:
            self.wait(max(25.0, target * 0.95 * chance.betavariate(1.1, 4.0)))
        mine = life.assignee
        draw = chance.random()
        if mine is not None and mine.tier == life.tier and not self.desk.is_away(mine, self.at) and draw < 0.8:
            life.claim(self.at, mine)
        elif draw > 0.97:
            lead = chance.choice(self.desk.leads)
            person = self.colleague()
            if person is not mine:
                life.assign(self.at, lead, person)
                self.wait(self.some(4 * MINUTE))
            life.claim(self.at, person)
        else:
            life.claim(self.at, self.colleague())

    def work(self, *, share: float = 1.0) -> None:
        """They work on it, and write down what they find."""
        life, chance = self.life, self.chance
        length = self.some(WORK[life.tier]) * share
        comments = chance.choices((0, 1, 2, 3), (22, 46, 24, 8))[0]
        for number in range(comments):
            self.wait(length / (comments + 1))
            general = number and chance.random() < 0.6
            said = self.pick(stock.COMMENTS if general else self.filled.template.comments)
            if said not in self.said:
                self.said.add(said)
                life.comment(self.at, self.hands, said)
        draw = chance.random()
        if draw < 0.05:
            tags = [*life.tags, chance.choice(("customer-waits", "known-problem", "needs-follow-up", "month-end"))]
            life.edit(self.wait(2 * MINUTE), self.hands, tags=sorted(set(tags)))
        elif draw < 0.09:
            other = {"low": "medium", "medium": "high", "high": "medium", "critical": "high"}[life.severity]
            life.edit(self.wait(2 * MINUTE), self.hands, severity=other)
        elif draw < 0.2:
            self.stand_still()
        self.wait(length / (comments + 1))

    def stand_still(self) -> None:
        """They wait for somebody, who answers before the pause ends or does not."""
        life, chance = self.life, self.chance
        if life.stay is None or life.stay.halts:
            return
        cap = self.desk.caps[life.tier, life.severity].total_seconds()
        begun = self.wait(self.some(10 * MINUTE))
        length = min(self.some(3 * HOUR), cap * 0.9)
        room = (self.limit - begun).total_seconds() * MOST_OF_WHAT_IS_LEFT
        until = _whole_minute(begun + dt.timedelta(seconds=min(length, room)))
        if until - begun < A_PAUSE:
            return
        life.pause(begun, self.hands, until, chance.choice(stock.WAITS))
        if chance.random() < 0.6:
            self.at = begun + (until - begun) * (0.2 + 0.7 * chance.random())
            life.resume(self.at, self.hands)
        else:
            self.at = until + dt.timedelta(seconds=30)

    def go_up(self, at: dt.datetime | None = None) -> None:
        """They hand it to the next tier; `at` exactly then."""
        life = self.life
        criteria = self.desk.tiers[life.tier].criteria
        position = UP[life.tier].get(life.opened.category, 0)
        criterion = criteria[position if position < len(criteria) else 0]
        self.at = at or self.wait(self.some(5 * MINUTE))
        life.hand(self.at, self.hands, life.tier + 1, criterion, self.pick(stock.ESCALATIONS[life.tier]))

    def go_back(self) -> None:
        """They hand it to the tier before."""
        life = self.life
        criterion = self.chance.choice(self.desk.tiers[life.tier - 1].responsibilities)
        life.hand(self.wait(self.some(10 * MINUTE)), self.hands, life.tier - 1, criterion, self.pick(stock.HAND_BACKS))

    def resolve(self) -> None:
        """They end it."""
        template, chance = self.filled.template, self.chance
        code = chance.choice(template.codes)
        if chance.random() < 0.03:
            code = "duplicate"
        self.life.resolve(self.wait(self.some(3 * MINUTE)), self.hands, code, self.pick(template.notes))

    def climb(self, to: int, at: dt.datetime | None = None) -> None:
        """From tier to tier until `to`, the last step exactly at `at`."""
        while self.life.tier < to:
            self.answer()
            self.work(share=0.3)
            self.go_up(at if self.life.tier == to - 1 else None)


def end(plot: Plot) -> None:
    """The whole life of a ticket that has ended by the limit."""
    life, chance = plot.life, plot.chance
    to = max(life.tier, chance.choices((1, 2, 3), plot.filled.template.depth)[0])
    plot.climb(to)
    plot.answer()
    plot.work()
    if to == 2 and life.tier == 2 and chance.random() < 0.06:
        plot.go_back()
        plot.answer()
        plot.work(share=0.5)
    if life.tier == 3 and chance.random() < 0.04:
        life.to_vendor(vendor_of(plot, plot.wait(HOUR)))
        plot.work()
    plot.resolve()
    if chance.random() < 0.03:
        reopen(plot)
        plot.answer()
        plot.work(share=0.5)
        plot.resolve()
    if chance.random() < 0.25:
        life.close(plot.wait(min(plot.some(A_DAY), 6 * A_DAY)), plot.hands)


def reopen(plot: Plot, at: dt.datetime | None = None) -> None:
    """It is taken up again; `at` exactly then."""
    life = plot.life
    if at is None:
        at = plot.wait(min(plot.some(A_DAY), 6 * A_DAY))
    plot.at = at
    life.reopen(at, plot.chance.choice([plot.hands, *plot.desk.leads]), plot.pick(stock.REOPENED))


def opened(desk: Desk, filled: Filled, severity: str, chance: random.Random, **facts: bool | int) -> Opened:
    """What people say when they open it."""
    template = filled.template
    draw = chance.random()
    inside = desk.everyone[int(draw * len(desk.everyone))] if draw > 0.7 else None
    names = stock.REPORTERS
    return Opened(
        title=filled.say(template.titles[int(chance.random() * len(template.titles))]),
        reporter=inside.get_full_name() if inside else names[int(draw / 0.7 * len(names)) % len(names)],
        description=filled.say(template.text),
        severity=severity,
        category=template.category,
        tags=template.tags,
        reported_by=inside,
        **facts,  # type: ignore[arg-type]  # on_call and tier
    )


def vendor_of(plot: Plot, at: dt.datetime) -> Vendor:
    """Whom they take it to."""
    chance, desk = plot.chance, plot.desk
    name, reference, contact = chance.choice(stock.VENDORS)
    criterion = chance.choice(desk.tiers[3].criteria)
    number = str(10_000 + int(chance.random() * 90_000))
    reference = reference.replace("{n}", number)
    return Vendor(name, reference, contact, criterion, plot.pick(stock.VENDOR_REASONS), at, plot.hands)


def _whole_minute(moment: dt.datetime) -> dt.datetime:
    return moment.replace(second=0, microsecond=0)
