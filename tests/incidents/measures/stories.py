"""Stories of tickets at random, and the rows that they leave."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

from incidents.models import ClockEvent, Entry, Stint, Ticket
from incidents.models.entry import HAD
from tests.incidents.measures.oracle import Stay, Story
from zbmaint.access.models import Person

SEVERITIES = ("critical", "high", "medium", "low")
PEOPLE = ("ann", "ben", None)
DAYS = 3
LEAST = dt.timedelta(microseconds=1)


def midnight(zone: str, first: str, number: int) -> dt.datetime:
    """The beginning of that day after the first, in UTC."""
    day = dt.date.fromisoformat(first) + dt.timedelta(days=number)
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def moment(chance: random.Random, zone: str, first: str) -> dt.datetime:
    """Any second of the days, and often just when one ends and the next begins."""
    edges = [midnight(zone, first, number) for number in range(DAYS + 1)]
    if chance.random() < 0.4:
        return chance.choice(edges) + chance.choice((-LEAST, dt.timedelta(), LEAST))
    return edges[0] + dt.timedelta(seconds=chance.randrange(int((edges[-1] - edges[0]).total_seconds())))


def story(chance: random.Random, zone: str, first: str) -> Story:
    """A ticket to which up to eight things happen, each possible when it does."""
    at, *later = sorted({moment(chance, zone, first) for _ in range(chance.randint(1, 9))})
    stay = Stay(chance.randint(1, 3), "opened", at, chance.random() < 0.7)
    told = Story(chance.choice(SEVERITIES), [stay], [(at, chance.choice(PEOPLE))])
    for at in later:
        happens(told, chance.choice(possible(told)), at, chance)
    return told


def possible(told: Story) -> list[str]:
    """What can happen to it now."""
    stay = told.stays[-1]
    if told.resolved is not None:
        return ["nothing", "reopen"]
    can = ["assign", "resolve"]
    can += ["respond"] * 2 if stay.responded is None else []
    can += ["breach"] if stay.responded is None and stay.breached is None else []
    can += ["void"] if stay.missed and stay.missed[-1][1] else ["miss"] if stay.target else []
    can += ["escalate"] * 2 if stay.tier < 3 else []
    return [*can, "hand_back"] if stay.tier > 1 else can


def happens(told: Story, act: str, at: dt.datetime, chance: random.Random) -> None:
    """One act on a ticket."""
    stay, target = told.stays[-1], chance.random() < 0.7
    if act == "respond":
        stay.responded, stay.by = at, chance.choice(PEOPLE)
    elif act == "breach":
        stay.breached = at
    elif act == "miss":
        stay.missed.append((at, True))
    elif act == "void":
        stay.missed[-1] = (stay.missed[-1][0], False)
    elif act == "assign":
        told.holders.append((at, chance.choice(PEOPLE)))
    elif act == "resolve":
        stay.left = told.resolved = at
        told.code = chance.choice(["fixed", "duplicate", "no_fault"])
    elif act == "reopen":
        told.resolved, told.code = None, ""
        told.stays.append(Stay(stay.tier, "reopened", at, target))
    elif act in ("escalate", "hand_back"):
        stay.left = at
        how, step = ("escalated", 1) if act == "escalate" else ("handed_back", -1)
        told.stays.append(Stay(stay.tier + step, how, at, target))


def write(stories: list[Story], people: dict[str, Person]) -> None:
    """Their rows, as the actions leave them."""
    tickets = Ticket.objects.bulk_create(ticket_of(told, people) for told in stories)
    pairs = list(zip(tickets, stories, strict=True))
    stays = [(ticket, stay) for ticket, told in pairs for stay in told.stays]
    stints = Stint.objects.bulk_create(stint_of(ticket, stay, people) for ticket, stay in stays)
    missed = [(stint, at, stands) for stint, (_, stay) in zip(stints, stays, strict=True) for at, stands in stay.missed]
    ClockEvent.objects.bulk_create(
        ClockEvent(
            stint=stint,
            clock="resolution",
            threshold=threshold,
            moment=at,
            recorded_at=at,
            void_at=None if stands else at,
        )
        for stint, at, stands in missed
        for threshold in (80, 100)
    )
    changes = [
        (ticket, at, [before, who])
        for ticket, told in pairs
        for (_, before), (at, who) in zip(told.holders, told.holders[1:], strict=False)
    ]
    Entry.objects.bulk_create(
        Entry(ticket=ticket, kind="assigned", at=at, data={"changed": {"assignee": change}} | kept(change[0], people))
        for ticket, at, change in changes
    )
    Entry.objects.bulk_create(Entry(ticket=ticket, kind="comment", at=told.opened + LEAST) for ticket, told in pairs)


def kept(had: str | None, people: dict[str, Person]) -> dict[str, int | None]:
    """Who had it by number; of one of them entries are so old that they have not."""
    return {} if had == "ben" else {HAD: people[had].pk if had else None}


def ticket_of(told: Story, people: dict[str, Person]) -> Ticket:
    who = told.holders[-1][1]
    return Ticket(
        title="It fails",
        reporter="Somebody",
        severity=told.severity,
        tier_id=told.stays[-1].tier,
        assignee=people[who] if who else None,
        status="open" if told.resolved is None else "resolved",
        created_at=told.opened,
        first_response_at=told.answered,
        resolved_at=told.resolved,
        resolution_code=told.code,
        resolution_seconds=told.took if told.resolved else None,
    )


def stint_of(ticket: Ticket, stay: Stay, people: dict[str, Person]) -> Stint:
    return Stint(
        ticket=ticket,
        tier_id=stay.tier,
        how=stay.how,
        entered_at=stay.entered,
        left_at=stay.left,
        response_seconds=3600,
        resolution_seconds=7200 if stay.target else None,
        responded_at=stay.responded,
        responded_by=people[stay.by] if stay.by else None,
        breached_at=stay.breached,
    )
