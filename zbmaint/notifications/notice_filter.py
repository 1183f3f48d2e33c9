"""NoticeFilter: the filters of the list of notices, as they stand in its URL."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from zbmaint.access.models import Person
from zbmaint.notifications import rules
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.catalog import TITLES
from zbmaint.ui.select import Select

TABS = {
    "waiting": ("Waiting", sorted(rules.UNDELIVERED)),
    "sent": ("Sent", [rules.SENT]),
    "dead": ("Dead", [rules.DEAD]),
    "stopped": ("Not sent", [rules.CANCELLED, rules.BUNDLED]),
}
ABOUT = {"ticket": "ticket", "run": "run"}
MOST_DIGITS = 18


class NoticeFilter:
    """Reads the filters from a query string. What means nothing is an error in `errors`, never left out."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.errors: list[str] = []
        self._given = {name: given.get(name, "").strip() for name in ("tab", "person", "transport", *ABOUT)}
        self.tab, self.transport = self._given["tab"], self._given["transport"]
        if self.tab and self.tab not in TABS:
            self.errors.append(f"There is no tab “{self.tab}”: it is {', '.join(TABS)}, or none for all.")
        if self.transport and self.transport not in TITLES:
            self.errors.append(f"There is no transport “{self.transport}”.")
        for name in ("person", *ABOUT):
            value = self._given[name]
            if value and not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS):
                self.errors.append(f"“{value}” is no number of a {name}.")
        self.before = self._cursor(given.get("before", ""))

    def _cursor(self, given: str) -> tuple[dt.datetime, uuid.UUID] | None:
        if not given:
            return None
        try:
            at, _, key = given.partition("_")
            moment = dt.datetime.fromisoformat(at)
            if moment.tzinfo is None:
                raise ValueError
            return moment, uuid.UUID(key)
        except ValueError:
            self.errors.append(f"“{given}” is no place in this list.")
            return None

    @property
    def narrows(self) -> bool:
        """Whether anything but the tab is asked for."""
        return any(value for name, value in self._given.items() if name != "tab")

    def query(self, **changes: str) -> str:
        """The query string of the same filters with `changes`."""
        return urlencode({name: value for name, value in {**self._given, **changes}.items() if value})

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The filters but the tab, for a form."""
        return [(name, value) for name, value in self._given.items() if value and name != "tab"]

    def apply(self) -> QuerySet[Notice]:
        """The notices that they ask for, of all tabs, newest first."""
        found = Notice.objects.all()
        if self._given["person"]:
            found = found.filter(person=int(self._given["person"]))
        if self.transport:
            found = found.filter(transport=self.transport)
        topics = [f"{word}:{int(self._given[name])}" for name, word in ABOUT.items() if self._given[name]]
        if topics:
            found = found.filter(topic__in=topics)
        return found.order_by("-created_at", "-id")

    def page(self, size: int) -> list[Notice]:
        """The notices of the tab after the cursor, one more than `size` when there are more."""
        found = self.apply().select_related("person").defer("payload")
        if self.tab:
            found = found.filter(state__in=TABS[self.tab][1])
        if self.before is not None:
            at, key = self.before
            found = found.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=key))
        return list(found[: size + 1])

    def selects(self) -> list[Select]:
        """The select boxes; one query."""
        people = Person.objects.active().order_by("username").values_list("pk", "username")
        return [
            Select(
                "person",
                "Person",
                "Everybody",
                [(str(pk), name) for pk, name in people],
                self._given["person"],
            ),
            Select("transport", "Transport", "Any transport", list(TITLES.items()), self.transport),
        ]

    @property
    def ticket(self) -> str:
        """The number that was asked for."""
        return self._given["ticket"]
