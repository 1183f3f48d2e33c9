"""The whole result of a queue as a CSV file, streamed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db import DatabaseError
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from incidents.forms.queue_filter import UNREADABLE, QueueFilter
from incidents.models import Ticket
from incidents.views.queue_tabs import TABS, matching, own_tab
from zbmaint.access.decorators import requires
from zbmaint.access.models import Person
from zbmaint.access.requests import SignedIn
from zbmaint.ui.spreadsheets import text_cell

log = logging.getLogger(__name__)
COLUMNS: Final = {
    "number": "number",
    "title": "title",
    "severity": "severity",
    "status": "status",
    "tier": "tier_id",
    "assignee": "assignee__username",
    "accepted": "accepted_at",
    "reporter": "reporter",
    "category": "category__key",
    "tags": "tags",
    "created": "created_at",
    "updated": "updated_at",
    "due": "due_at",
    "due_clock": "due_clock",
    "paused_until": "paused_until",
    "first_response": "first_response_at",
    "resolved": "resolved_at",
    "closed": "closed_at",
    "resolution_code": "resolution_code",
    "resolution_seconds": "resolution_seconds",
    "resolution_business_seconds": "resolution_business_seconds",
    "resolution_net_seconds": "resolution_net_seconds",
}
FETCHED: Final = 2000  # rows that come from the database at once
WRITTEN: Final = 500  # rows that leave at once
INCOMPLETE: Final = "This file is incomplete: the database stopped answering. Export it again."
UNPROCESSABLE: Final = 422


@requires("incidents.view_ticket")
@require_GET
def queue_csv(request: SignedIn) -> HttpResponseBase:
    """The tickets of the queue `tab`, without one of the person's own, that match the filters of its page, in its
    order; 422 in words for a queue or a filter that does not exist."""
    key = request.GET.get("tab", own_tab(request.user))
    filters = QueueFilter(request.GET, request.user, beside=("tab",))
    if errors := [*_why_no_queue(key), *filters.errors]:
        return HttpResponse(" ".join(errors), status=UNPROCESSABLE, content_type="text/plain; charset=utf-8")
    now = timezone.now()
    lines = csv_of(rows_of(key, filters, request.user, now))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="queue-{key}-{now:%Y%m%dT%H%M%SZ}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _why_no_queue(key: str) -> list[str]:
    shown = key.replace("\x00", UNREADABLE)[:60]
    return [] if key in TABS else [f"There is no queue “{shown}”. Choose one of: {', '.join(TABS)}."]


def rows_of(key: str, filters: QueueFilter, person: Person, now: dt.datetime) -> Iterator[tuple[Any, ...]]:
    """The columns of every ticket that the list would show on all its pages; one query.

    The cursor is the server's, so that no more than `FETCHED` rows are here. Outside a transaction it is one that the
    server keeps by itself: however slow the client, no transaction waits for it.
    """
    found = Ticket.objects.filter(matching(key, filters, person, now)).order_by(*filters.order)
    return found.values_list(*COLUMNS.values()).iterator(chunk_size=FETCHED)


def csv_of(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """The file in pieces: names of columns, then a line for each of `rows`; times in ISO 8601, UTC; see `text_cell`.

    The status has been sent by then, and a file that merely ends looks whole: it says so in its last line if it is not.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    try:
        for count, row in enumerate(rows, 1):
            writer.writerow([_cell(value) for value in row])
            if count % WRITTEN == 0:
                yield _taken(buffer)
    except DatabaseError:
        log.exception("An export of the queue was cut short.")
        writer.writerow([INCOMPLETE])
    yield _taken(buffer)


def _cell(value: object) -> object:
    if isinstance(value, str):
        return text_cell(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, list):
        return text_cell(" ".join(value))
    return value


def _taken(buffer: io.StringIO) -> str:
    """What `buffer` holds; it is empty then."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
