"""All tickets in the order of their opening: those of people, told as they come, and those of the runs between them."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, islice

from django.conf import settings
from django.db import connection

from incidents.models import Tag
from incidents.models.ticket import NUMBERS
from zbmaint.dashboard.demo import cases, sheets, stock, unfinished
from zbmaint.dashboard.demo.audit import Book
from zbmaint.dashboard.demo.cases import Case
from zbmaint.dashboard.demo.desk import Desk
from zbmaint.dashboard.demo.life import Life
from zbmaint.dashboard.demo.period import DAY
from zbmaint.dashboard.demo.plots import Plot, end, opened

A_BATCH = 2_000
WEEKEND = 0.35  # of a working day
DIRECTLY = 0.08  # share of those for tier 2 and 3 that are opened there at once
HOURS = (1, 1, 1, 1, 2, 4, 8, 10, 11, 10, 9, 8, 8, 9, 9, 8, 6, 4, 3, 2, 2, 2, 1, 1)
NOT_LATER = dt.timedelta(minutes=25)  # what ended before now was opened before this
Telling = tuple[dt.datetime, int, Callable[[int], Life], Case | None]


class Tickets:
    """Tells and writes them, batch by batch."""

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk = desk
        self._number = number
        self._tags: set[str] = set()

    def write(self, from_runs: list[Case], book: Book) -> int:
        """Write all; returns how many. Their audit entries go into `book`."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(%s)", [NUMBERS])
            first = number = int(cursor.fetchone()[0])
        coming = heapq.merge(self._ended(), self._unfinished(), self._of_runs(from_runs), key=lambda told: told[:2])
        while batch := list(islice(coming, A_BATCH)):
            lives, links = [], {}
            for _, _, tell, case in batch:
                life = tell(number)
                life.settle(self._desk.now, settings.TICKET_CLOSE_DAYS)
                lives.append(life)
                if case is not None:
                    links[number] = list(case.links.values())
                self._tags.update(life.tags)
                number += 1
            sheets.write(lives, links)
            book.add(deed for life in lives for deed in life.deeds)
        if number > first:
            with connection.cursor() as cursor:
                cursor.execute("SELECT setval(%s, %s)", [NUMBERS, number - 1])
        Tag.objects.bulk_create([Tag(name=name) for name in sorted(self._tags)], ignore_conflicts=True)
        return number - first

    # -- where they come from, each in the order of their opening -------------------------------------------------

    def _of_runs(self, from_runs: list[Case]) -> Iterator[Telling]:
        for index, case in enumerate(sorted(from_runs, key=lambda each: each.at)):
            yield case.at, index, partial(cases.tell, self._desk, case), case

    def _unfinished(self) -> Iterator[Telling]:
        plans = sorted(unfinished.plans(self._desk, self._number), key=lambda plan: plan.created_at)
        for index, plan in enumerate(plans):
            yield plan.created_at, index, partial(unfinished.tell, self._desk, plan), None

    def _ended(self) -> Iterator[Telling]:
        for index, at in enumerate(self._times(self._number - unfinished.number_of(self._number))):
            yield at, index, partial(self._tell, index, at), None

    def _tell(self, index: int, at: dt.datetime, number: int) -> Life:
        desk, chance = self._desk, self._desk.period.chance("ticket", index)
        filled = stock.draw(chance)
        severity = stock.severity_of(filled.template, chance)
        tier = 2 if filled.template.depth[0] < 50 and chance.random() < DIRECTLY else 1
        told = opened(desk, filled, severity, chance, tier=tier)
        life = Life(desk, number, told, at, chance, by=desk.opener(told.reported_by, chance))
        end(Plot(life, filled, desk.now))
        return life

    def _times(self, number: int) -> Iterator[dt.datetime]:
        """When the ended ones were opened: by day more than by night, seldom on a weekend."""
        period = self._desk.period
        until = self._desk.now - NOT_LATER
        days = [period.begins + day * DAY for day in range(period.days + 1) if period.begins + day * DAY < until]
        shares = [(WEEKEND if day.weekday() >= 5 else 1.0) * min(1.0, (until - day) / DAY) for day in days]
        sums = list(accumulate(shares))
        hours, told = list(accumulate(HOURS)), 0
        for day, reached in zip(days, sums, strict=True):
            chance = period.chance("day", day.isoformat())
            that_day, told = round(number * reached / sums[-1]) - told, round(number * reached / sums[-1])
            length = min(DAY, until - day)
            drawn = chance.choices(range(len(HOURS)), cum_weights=hours, k=that_day)
            moments = ((hour + chance.random()) / 24 * DAY for hour in drawn)
            yield from sorted(day + (moment if moment < length else moment % length) for moment in moments)
