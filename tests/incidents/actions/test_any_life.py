"""Lives of a ticket at random, by a seed: after every act all figures are those of a second way to count.

SLA_SEEDS sets how many lives.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from incidents.actions import assignment, comments, editing, handing, passing, pausing, statuses
from incidents.actions.clocks import Clocks
from incidents.models import Calendar, ResponseTarget, Ticket, Tier
from tests.incidents.actions.conftest import Wall
from tests.incidents.actions.ledger import EPOCH, RESOLUTION, UNIT, Ledger, around_the_clock, moment, office
from tests.incidents.made import open_one
from tests.incidents.reading import again, stint
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
SEEDS = int(os.environ.get("SLA_SEEDS", "4"))
STEPS = 30
OWN = {1: ("ann", "ada"), 2: ("ben", "bea"), 3: ("cem", "cleo")}


class Life:
    """One ticket, done to at random, and its ledger."""

    def __init__(self, chance: random.Random, team: dict[str, Person], wall: Wall, hours: bytes) -> None:
        self.chance, self.team, self.wall = chance, team, wall
        self.book = Ledger(hours, now=chance.randrange(5 * 2880))
        wall.to(EPOCH + self.book.now * UNIT)
        self.ticket = open_one()
        self.book.enter()
        self.number = self.ticket.number
        self.log: list[str] = ["opened"]
        self.eager = chance.choice((0.05, 0.5))  # how soon a tier responds

    def pass_time(self) -> None:
        book = self.book
        aims = [at for percent in (50, 80, 100) for at in book.due(percent)] if book.unfinished else []
        aims += [until for until in (book.paused_until,) if until is not None]
        lengths = [0, self.chance.randrange(20), self.chance.randrange(600), self.chance.randrange(3000)]
        lengths += [at - book.now + self.chance.choice((-1, 0, 1)) for at in aims if at > book.now + 1]
        book.now += self.chance.choice(lengths)
        self.wall.to(EPOCH + book.now * UNIT)

    def act(self) -> None:
        can: dict[str, Callable[[Person], None]] = {"comment": self.comment, "nothing": lambda _: None}
        book = self.book
        if book.unfinished:
            can |= {"rate": self.rate, "resolve": self.resolve}
            if book.holder is None or not book.accepted:
                can["claim"] = self.claim
            if book.tier < 3:
                can["escalate"] = self.escalate
            if book.tier > 1:
                can["hand_back"] = self.hand_back
            if book.paused_until is not None:
                can["resume"] = self.resume
            elif book.pause_left > 1:
                can["pause"] = self.pause
        else:
            can["reopen"] = self.reopen
            if book.status == "resolved":
                can["close"] = self.close
            else:
                del can["comment"]
        often = {"rate": 4.0, "pause": 2.0, "resolve": 0.6, "claim": self.eager}
        what = self.chance.choices(sorted(can), [often.get(name, 1.0) for name in sorted(can)])[0]
        others = ["lee", *OWN[book.tier % 3 + 1]]
        actor = self.team[self.chance.choice(OWN[book.tier] if self.chance.random() < self.eager else others)]
        self.log.append(f"{book.now}: {actor} {what}, {book.severity}, tier {book.tier}")
        can[what](actor)
        if what != "nothing" and book.holder == str(actor):
            book.accepted = True

    def responds(self, actor: Person) -> None:
        if self.book.unfinished and actor.tier == self.book.tier:
            self.book.respond()

    def comment(self, actor: Person) -> None:
        comments.comment(self.number, "I look", actor=actor)
        self.responds(actor)

    def claim(self, _: Person) -> None:
        actor = self.team[self.chance.choice(OWN[self.book.tier])]
        assignment.claim(self.number, actor=actor)
        self.responds(actor)
        self.book.holder, self.book.accepted, self.book.status = str(actor), True, "in_progress"

    def rate(self, actor: Person) -> None:
        severity = self.chance.choice([name for name in RESOLUTION if name != self.book.severity])
        editing.edit(self.number, {"severity": severity}, actor=actor, seen=again(self.ticket).version)
        self.responds(actor)
        self.book.rate(severity)

    def hand(self, actor: Person, step: int) -> None:
        self.responds(actor)
        self.book.leave()
        self.book.tier += step
        self.book.holder, self.book.accepted = None, False
        self.book.enter()

    def escalate(self, actor: Person) -> None:
        criterion = Tier.objects.get(number=self.book.tier).criteria[0]
        handing.escalate(self.number, actor=actor, criterion=criterion, reason="x")
        self.hand(actor, 1)

    def hand_back(self, actor: Person) -> None:
        criterion = Tier.objects.get(number=self.book.tier - 1).responsibilities[0]
        handing.hand_back(self.number, actor=actor, criterion=criterion, reason="x")
        self.hand(actor, -1)

    def pause(self, actor: Person) -> None:
        until = self.book.now + self.chance.randint(1, self.book.pause_left)
        pausing.pause(self.number, actor=actor, until=EPOCH + until * UNIT, reason="x")
        self.book.look()
        self.book.last.pauses.append([self.book.now, until])

    def resume(self, actor: Person) -> None:
        pausing.resume(self.number, actor=actor)
        self.book.last.pauses[-1][1] = self.book.now

    def resolve(self, actor: Person) -> None:
        statuses.resolve(self.number, actor=actor, code="fixed", note="x")
        self.responds(actor)
        self.book.leave()
        self.book.status = "resolved"

    def close(self, actor: Person) -> None:
        statuses.close(self.number, actor=actor)
        self.book.status = "closed"

    def reopen(self, actor: Person) -> None:
        statuses.reopen(self.number, actor=actor, reason="x")
        self.book.status, self.book.accepted = "open", False
        self.book.enter()

    def tick(self) -> None:
        """The ticker comes by, as often as it happens to."""
        for work in (pausing.resume_ended, passing.record_passed):
            work(self.wall.now)
        if self.book.unfinished:
            self.book.look()

    def compare(self, *, ticked: bool) -> None:
        book, ticket = self.book, again(self.ticket)
        facts = ("tier_id", "entered_at", "left_at", "responded_at", "response_seconds")
        assert list(ticket.stints.values_list(*facts)) == [
            (stay.tier, moment(stay.entered), moment(stay.left), moment(stay.responded), stay.target * 30)
            for stay in book.stays
        ]
        breaches = list(ticket.stints.values_list("breached_at", flat=True))
        told = [moment(stay.breach) for stay in book.stays]
        settled = ticked or not book.unfinished
        assert (breaches if settled else breaches[:-1]) == (told if settled else told[:-1])
        responses = [stay.responded for stay in book.stays if stay.responded is not None]
        assert ticket.first_response_at == moment(min(responses, default=None))
        assert (ticket.status, str(ticket.assignee or "") or None) == (book.status, book.holder)
        assert (ticket.accepted_at is not None) is book.accepted
        if book.unfinished:
            self.compare_running(ticket, ticked=ticked)
            return
        figures = (ticket.resolution_seconds, ticket.resolution_business_seconds, ticket.resolution_net_seconds)
        assert figures == book.taken()
        assert (ticket.due_at, ticket.next_clock_at, ticket.paused_until, ticket.due_clock) == (None, None, None, "")

    def compare_running(self, ticket: Ticket, *, ticked: bool) -> None:
        book, now = self.book, self.wall.now
        clocks = Clocks(ticket, stint(ticket))
        if book.last.responded is None:
            assert clocks.response.used(now) == book.last.used(book.now) * UNIT
            assert clocks.response.due == moment(book.last.due(book.now))
        if clocks.resolution is None:
            assert RESOLUTION[book.severity] is None
        else:
            assert clocks.resolution.used(now) == book.overall_used() * UNIT
            assert clocks.resolution.due == moment(book.overall_due())
        if ticket.paused_until == moment(book.paused_until):  # else its end has come, and is not written down yet
            assert ticket.due_at == moment(min(book.due(), default=None))
        if ticked:
            assert ticket.paused_until == moment(book.paused_until)
            assert ticket.next_clock_at == moment(book.ahead())


@pytest.fixture(params=["around the clock", "office hours"])
def hours(request: pytest.FixtureRequest, db: None) -> bytes:
    for severity, minutes in RESOLUTION.items():
        ResponseTarget.objects.filter(severity=severity).update(resolution_minutes=minutes)
    if request.param == "around the clock":
        return around_the_clock()
    week: list[list[list[int]]] = [[[480, 1020]]] * 5 + [[], []]
    facts = {"time_zone": "Europe/Berlin", "week": week, "holidays": [["2026-10-28", "A holiday"]]}
    Tier.objects.update(calendar=Calendar.objects.create(name="Office", **facts))
    return office()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_life_is_counted_as_by_hand(seed: int, hours: bytes, wall: Wall, team: dict[str, Person]) -> None:
    chance = random.Random(seed)
    life = Life(chance, team, wall, hours)
    try:
        for _ in range(STEPS):
            life.pass_time()
            if chance.random() < 0.4:
                life.tick()
                life.compare(ticked=True)
            life.act()
            ticked = chance.random() < 0.4
            if ticked:
                life.tick()
            life.compare(ticked=ticked)
    except BaseException:
        print("\n".join(life.log))  # noqa: T201  # the life that shows it
        raise
    versions = list(life.ticket.entries.order_by("version").values_list("version", flat=True).distinct())
    assert versions == list(range(1, again(life.ticket).version + 1))
