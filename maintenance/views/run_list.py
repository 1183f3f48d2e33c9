"""One piece of the list of runs, read for a page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from maintenance.forms.run_filter import RunFilter, number
from maintenance.models import Run
from maintenance.models.run import RunQuerySet
from maintenance.rules.run_words import WORDS, Words, what_is_new
from maintenance.tasks.catalog import title_of

PAGE_SIZE = 50


@dataclass(frozen=True)
class RunRow:
    """A run with the words that its row says."""

    run: Run

    @property
    def words(self) -> Words:
        """The words of its state."""
        return WORDS[self.run.state]

    @property
    def title(self) -> str:
        """What the task is called."""
        return title_of(self.run.task)

    @property
    def says(self) -> str:
        """The verdict, or how far it is."""
        if self.run.state == "running":
            return "Cancelling" if self.run.cancel_requested_at else f"{self.run.progress}%"
        return what_is_new(self.run.state, self.run.verdict)


@dataclass(frozen=True)
class RunListPage:
    """A piece of the list, newest first. `older` and `newer` are query strings, empty where the list ends.

    `live` is true of the first piece, which follows what happens; `waiting` runs are held back from it.
    """

    rows: list[RunRow]
    older: str
    newer: str
    live: bool
    waiting: int
    filters: RunFilter

    @property
    def newest(self) -> int:
        """The id of the first run; 0 in an empty list."""
        return self.rows[0].run.pk if self.rows else 0

    @property
    def oldest(self) -> int:
        """The id of the last run; 0 in an empty list."""
        return self.rows[-1].run.pk if self.rows else 0

    @property
    def mark(self) -> str:
        """Changes whenever a row would read differently, also by the minute that "11m ago" has passed."""
        rows = [(row.run.pk, row.run.state, row.says) for row in self.rows]
        return hashlib.blake2b(f"{rows}{self.waiting}{timezone.now():%H:%M}".encode(), digest_size=6).hexdigest()

    @property
    def poll_query(self) -> str:
        """The query string with which the browser asks whether anything has changed."""
        return self.filters.query(seen=self.mark)


def read_page(filters: RunFilter, query: Mapping[str, str]) -> RunListPage:
    """The piece that `query` asks for: `before` an id, `after` an id, or the newest.

    `upto`, which the page sends while somebody points at the list, holds newer runs back so that no row moves.
    """
    before, after, upto = (number(query.get(name, "")) for name in ("before", "after", "upto"))
    found = filters.apply()
    rows = found.select_related("target", "requested_by").defer("report", "facts", "parameters", "error")
    if after:
        return _after(filters, rows, after)
    if before:
        rows = rows.filter(pk__lt=before)
    elif upto:
        rows = rows.filter(pk__lte=upto)
    page = list(rows[: PAGE_SIZE + 1])
    shown = page[:PAGE_SIZE]
    return RunListPage(
        rows=[RunRow(run) for run in shown],
        older=filters.query(before=shown[-1].pk) if len(page) > PAGE_SIZE else "",
        newer=filters.query(after=shown[0].pk) if before and shown else "",
        live=not before,
        waiting=found.filter(pk__gt=upto).count() if upto and not before else 0,
        filters=filters,
    )


def _after(filters: RunFilter, rows: RunQuerySet, after: int) -> RunListPage:
    """The piece just newer than `after`; the newest piece when there is not a whole one."""
    page = list(rows.filter(pk__gt=after).order_by("id")[: PAGE_SIZE + 1])
    if len(page) <= PAGE_SIZE:
        return read_page(filters, {})
    shown = page[:PAGE_SIZE][::-1]
    older, newer = filters.query(before=shown[-1].pk), filters.query(after=shown[0].pk)
    return RunListPage([RunRow(run) for run in shown], older, newer, live=False, waiting=0, filters=filters)
