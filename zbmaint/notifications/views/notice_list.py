"""One page of the list of notices, read for a page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from zbmaint.access.models import Person
from zbmaint.notifications import rules
from zbmaint.notifications.models import Notice
from zbmaint.notifications.notice_filter import TABS, NoticeFilter
from zbmaint.notifications.transports import catalog
from zbmaint.notifications.views.notice_row import NoticeRow

PAGE_SIZE = 50


@dataclass(frozen=True)
class Tab:
    """A part of the list to choose. `count` is None where counting would cost too much."""

    text: str
    query: str
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class NoticePage:
    """A page of the list, newest first.

    `older` is the query string of the next one, empty where it ends, `dead_query` that of those that were given up.
    A notice is tried for as long as `tried`, and kept for `kept` once it is settled.
    """

    rows: list[NoticeRow]
    tabs: list[Tab]
    older: str
    dead: int
    dead_query: str
    lacks: str
    tried: dt.timedelta
    kept: dt.timedelta


def read_list(filters: NoticeFilter, reader: Person) -> NoticePage:
    """The page that `filters` ask for; three queries."""
    now = timezone.now()
    found = filters.page(PAGE_SIZE)
    rows = [NoticeRow(notice, reader, now) for notice in found[:PAGE_SIZE]]
    asked = filters.apply().order_by()
    counts = {
        "waiting": asked.filter(state__in=rules.UNDELIVERED).count(),
        "dead": asked.filter(state=rules.DEAD).count(),
    }
    tabs = [Tab("All", filters.query(tab=""), None, not filters.tab)]
    tabs += [Tab(text, filters.query(tab=tab), counts.get(tab), filters.tab == tab) for tab, (text, _) in TABS.items()]
    older = ""
    if len(found) > PAGE_SIZE:
        last = rows[-1].notice
        older = filters.query(before=f"{last.created_at.isoformat()}_{last.pk}")
    tried = dt.timedelta(hours=settings.NOTICE_GIVE_UP_HOURS)
    kept = dt.timedelta(days=settings.NOTICE_RETENTION_DAYS)
    return NoticePage(rows, tabs, older, counts["dead"], filters.query(tab="dead"), catalog.lacks("email"), tried, kept)


def dead_count() -> int:
    """How many notices were given up and nobody has looked after."""
    return Notice.objects.dead().count()
