"""All tickets in the order of their opening: those of people, told as they come, and those of runs and outages."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, count, islice

from django.conf import settings
from django.db import connection

from incidents.actions import words
from incidents.models import Stint, Ticket, TicketWords, VendorEscalation
from incidents.models.ticket import NUMBERS
from zbmaint.audit.models import AuditEntry
from zbmaint.dashboard.demo import cases, sheets, stock, unfinished
from zbmaint.dashboard.demo.ahead import ahead
from zbmaint.dashboard.demo.audit import Book
from zbmaint.dashboard.demo.bulk import filling
from zbmaint.dashboard.demo.cases import Case
from zbmaint.dashboard.demo.copying import Sheet, copy_sheet, ids_taken, next_id
from zbmaint.dashboard.demo.desk import Desk
from zbmaint.dashboard.demo.life import Life
from zbmaint.dashboard.demo.period import DAY
from zbmaint.dashboard.demo.plots import Plot, end, opened

A_BATCH = 2_000
MANY = 20_000  # from here on it is worth to take the indexes away meanwhile
PARTS = 2  # processes that tell many
WEEKEND = 0.35  # of a working day
DIRECTLY = 0.08  # share of those for tier 2 and 3 that are opened there at once
HOURS = (1, 1, 1, 1, 2, 4, 8, 10, 11, 10, 9, 8, 8, 9, 9, 8, 6, 4, 3, 2, 2, 2, 1, 1)
NOT_LATER = dt.timedelta(minutes=25)  # what ended before now was opened before this
TAGS = """
INSERT INTO incidents_tag (name)
SELECT DISTINCT jsonb_array_elements_text(tags) FROM incidents_ticket ORDER BY 1
ON CONFLICT DO NOTHING
"""
Telling = tuple[dt.datetime, int, Callable[[int], Life], Case | None]


class Tickets:
    """Tells and writes them, batch by batch."""

    def __init__(self, desk: Desk, number: int, from_runs: list[Case], book: Book) -> None:
        self._desk = desk
        self._number = number
        self._from_runs = from_runs
        self._book = book

    def write(self) -> int:
        """Write all, and the audit entries that are in the book by then; returns how many tickets."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(%s)", [NUMBERS])
            first = int(cursor.fetchone()[0])
        tell = partial(self._batches, first, next_id(Stint), next_id(VendorEscalation))
        if self._number > MANY:
            # Whatever the size: the rows of one batch in each process, and nothing checked row by row.
            with filling(*sheets.TABLES, AuditEntry):
                _copy(ahead([partial(tell, part, PARTS) for part in range(PARTS)]))
        else:
            _copy(tell(0, 1))
        with filling(TicketWords):
            words.of_all()
        ids_taken(Stint, VendorEscalation)
        with connection.cursor() as cursor:
            cursor.execute(TAGS)
            cursor.execute("SELECT setval(%s, max(number)) FROM incidents_ticket HAVING max(number) > 0", [NUMBERS])
        return Ticket.objects.count()

    def _batches(self, first: int, stint: int, vendor: int, part: int, parts: int) -> Iterator[list[Sheet]]:
        """Of `parts`, the batches of one; the first part has what is in the book already."""
        ids, book = sheets.Ids(stint, vendor, part, parts), Book() if part else self._book
        coming = heapq.merge(self._ended(), self._unfinished(), self._of_runs(), key=lambda told: told[:2])
        numbered = enumerate(coming, start=first)
        for turn in count():
            batch = list(islice(numbered, A_BATCH))
            if not batch:
                break
            if turn % parts != part:
                continue
            lives, links = [], {}
            for number, (_, _, tell, case) in batch:
                life = tell(number)
                life.settle(self._desk.now, settings.TICKET_CLOSE_DAYS)
                lives.append(life)
                book.add(life.deeds)
                if case is not None:
                    links[number] = list(case.links.values())
            yield list(sheets.of(lives, links, ids))
            if book.is_full:
                yield [book.take()]
        yield [book.take()]

    # -- where they come from, each in the order of their opening -------------------------------------------------

    def _of_runs(self) -> Iterator[Telling]:
        for index, case in enumerate(sorted(self._from_runs, key=lambda each: each.at)):
            yield case.at, index, partial(cases.tell, self._desk, case), case

    def _unfinished(self) -> Iterator[Telling]:
        for at, index in unfinished.in_order(self._desk, self._number):
            yield at, index, partial(unfinished.tell, self._desk, index), None

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


def _copy(batches: Iterator[list[Sheet]]) -> None:
    for batch in batches:
        for made in batch:
            copy_sheet(made)
