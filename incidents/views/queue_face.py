"""The rows of the queue as HTML.

Rendering fifty rows in a template costs more than everything else that the page does, and most rows look the same at
the next request. So a row is rendered once for each face, which is all that it shows but the time that is left and the
age; these two are put in at each request. What is shown is the key: a row can never be older than what it shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from incidents.views.queue_row import Listed, QueueRow
from zbmaint.access.models import Person
from zbmaint.ui import words
from zbmaint.ui.templatetags.ui import person_mark, sla

KEPT = 5_000  # faces in one process, about 1.5 KB each
CHANGE = "incidents.change_ticket"
CLOCK, AGE = "\x02clock\x03", "\x02age\x03"  # no text that is kept holds these


class Face(NamedTuple):
    """What a row shows. `tier` is None in the queue of one tier; `alone` is a row that htmx puts in its place.

    The box by which it is chosen holds the version; a row is `selectable` for whoever may change tickets.
    """

    number: int
    version: int
    selectable: bool
    title: str
    severity: str
    status: str
    tags: tuple[str, ...]
    tier: int | None
    who: SafeString
    unaccepted: bool
    left: bool
    which: str
    gone: str
    opened: dt.datetime
    alone: bool

    @property
    def created(self) -> str:
        """When it was opened, in words."""
        return words.moment(self.opened)

    @property
    def created_at(self) -> str:
        """When it was opened, for the browser."""
        return self.opened.isoformat(timespec="seconds")


def html_of(row: QueueRow, viewer: Person, *, shows_tier: bool, selectable: bool, alone: bool = False) -> SafeString:
    """The row as `viewer` sees it."""
    ticket, clock = row.ticket, row.clock
    face = Face(
        number=ticket.number,
        version=ticket.version,
        selectable=selectable,
        title=ticket.title,
        severity=ticket.severity,
        status=ticket.status,
        tags=tuple(ticket.tags),
        tier=ticket.tier_id if shows_tier else None,
        who=_mark_of(ticket, viewer),
        unaccepted=row.unaccepted,
        left=row.assignee_left,
        which=row.which,
        gone=row.gone,
        opened=ticket.created_at,
        alone=alone,
    )
    before, middle, after = _frame(face)
    left = sla(clock.state, clock.text, clock.due, clock.at_risk, clock.about)
    # All parts are escaped: the frame by its template, the clock by its tag; an age is figures and units.
    return mark_safe(f"{before}{left}{middle}{row.age}{after}")  # noqa: S308


def _mark_of(ticket: Listed, viewer: Person) -> SafeString:
    if ticket.username is None:
        return person_mark("Unassigned")
    return person_mark(ticket.username, ticket.full_name or ticket.username, mine=ticket.assignee_id == viewer.pk)


def html_of_all(rows: Iterable[QueueRow], *, viewer: Person, shows_tier: bool, alone: bool = False) -> SafeString:
    """The rows, one after the other."""
    selectable = viewer.has_perm(CHANGE)
    html = [html_of(row, viewer, shows_tier=shows_tier, selectable=selectable, alone=alone) for row in rows]
    return mark_safe("".join(html))  # noqa: S308 - all of them are


@lru_cache(maxsize=KEPT)
def _frame(face: Face) -> tuple[str, str, str]:
    """The row around the two places whose text moves with the time."""
    html = get_template("incidents/queue_row.html").render({"face": face, "clock": CLOCK, "age": AGE})
    before, _, rest = html.partition(CLOCK)
    middle, _, after = rest.partition(AGE)
    return before, middle, after
