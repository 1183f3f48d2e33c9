"""Stories of tickets at random, and the rows that they leave."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from incidents.models import ClockEvent, Entry, Stint, Ticket
from tests.incidents.measures.oracle import Stay, Story
from zbmaint.access.models import Person

SEVERITIES = ("critical", "high", "medium", "low")
PEOPLE = ("ann", "ben", None)
DAYS = 3
ACTS = ("respond", "breach", "miss", "void", "assign", "escalate", "hand_back", "resolve", "reopen")
LEAST = dt.timedelta(microseconds=1)


def midnight(zone: str, first: str, number: int) -> dt.datetime:
    """The beginning of that day after the first, in UTC."""
    day = dt.date.fromisoformat(first) + dt.timedelta(days=number)
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def moments(zone: str, first: str) -> st.SearchStrategy[dt.datetime]:
    """Any second of the days, and often just when one ends and the next begins."""
    edges = [midnight(zone, first, number) for number in range(DAYS + 1)]
    near = [edge + by for edge in edges for by in (-LEAST, dt.timedelta(), LEAST)]
    seconds = int((edges[-1] - edges[0]).total_seconds())
    anywhere = st.integers(0, seconds).map(lambda after: edges[0] + dt.timedelta(seconds=after))
    return st.sampled_from(near) | anywhere


@st.composite
def story(draw: st.DrawFn, when: st.SearchStrategy[dt.datetime]) -> Story:
    """A ticket to which up to eight things happen, each possible when it does."""
    at, *later = sorted(draw(st.sets(when, min_size=1, max_size=9)))
    stay = Stay(draw(st.integers(1, 3)), "opened", at, draw(st.booleans()))
    told = Story(draw(st.sampled_from(SEVERITIES)), [stay], [(at, draw(st.sampled_from(PEOPLE)))])
    for at in later:
        act = draw(st.sampled_from(ACTS))
        if told.resolved is not None:
            if act == "reopen":
                told.resolved, told.code = None, ""
                told.stays.append(Stay(told.stays[-1].tier, "reopened", at, draw(st.booleans())))
            continue
        happens(told, act, at, draw)
    return told


def happens(told: Story, act: str, at: dt.datetime, draw: st.DrawFn) -> None:
    """One act on a ticket that is not resolved."""
    stay = told.stays[-1]
    if act == "respond" and stay.responded is None:
        stay.responded, stay.by = at, draw(st.sampled_from(PEOPLE))
    elif act == "breach" and stay.responded is None and stay.breached is None:
        stay.breached = at
    elif act == "miss" and not any(stands for _, stands in stay.missed):
        stay.missed.append((at, True))
    elif act == "void" and stay.missed:
        stay.missed[-1] = (stay.missed[-1][0], False)
    elif act == "assign":
        told.holders.append((at, draw(st.sampled_from(PEOPLE))))
    elif act == "resolve":
        stay.left = told.resolved = at
        told.code = draw(st.sampled_from(["fixed", "duplicate", "no_fault"]))
    elif (act, stay.tier) in (("escalate", 1), ("escalate", 2), ("hand_back", 2), ("hand_back", 3)):
        stay.left = at
        how, step = ("escalated", 1) if act == "escalate" else ("handed_back", -1)
        told.stays.append(Stay(stay.tier + step, how, at, draw(st.booleans())))


def write(stories: list[Story], people: dict[str, Person]) -> None:
    """Their rows, as the actions leave them."""
    tickets = Ticket.objects.bulk_create(ticket_of(told, people) for told in stories)
    for ticket, told in zip(tickets, stories, strict=True):
        stints = Stint.objects.bulk_create(stint_of(ticket, stay, people) for stay in told.stays)
        Entry.objects.bulk_create(
            Entry(ticket=ticket, kind="assigned", at=at, data={"changed": {"assignee": [before, who]}})
            for (_, before), (at, who) in zip(told.holders, told.holders[1:], strict=False)
        )
        Entry.objects.create(ticket=ticket, kind="comment", at=told.opened + LEAST, data={})
        ClockEvent.objects.bulk_create(
            ClockEvent(
                stint=stint,
                clock="resolution",
                threshold=threshold,
                moment=at,
                recorded_at=at,
                void_at=None if stands else at,
            )
            for stint, stay in zip(stints, told.stays, strict=True)
            for at, stands in stay.missed
            for threshold in (80, 100)
        )


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
