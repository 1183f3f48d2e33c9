"""QueueFilter: the filters of the queue, as they stand in its URL."""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from incidents.forms.queue_cursor import DUE_NEXT, NEWEST, Cursor, read_cursor
from incidents.forms.queue_setup import Choices, QueueSetup, read_setup
from incidents.models import Severity, Status
from incidents.models.ticket_words import matching
from incidents.rules import searching, ticket_states
from zbmaint.access.models import Person
from zbmaint.ui.select import Select

ANY: Final = "any"
ME: Final = "me"
NOBODY: Final = "none"
LABELS: Final = {
    "q": "Search",
    "severity": "Severity",
    "status": "Status",
    "assignee": "Assignee",
    "tag": "Tag",
    "category": "Category",
}
UNREADABLE: Final = "\ufffd"  # stands for what the database cannot hold
PLACES: Final = ("after", "before")
OF_A_PAGE: Final = (*PLACES, "state")
MOST_NAMED: Final = 12  # of the choices that an error names
_STATUSES: Final = (*((str(value), str(text)) for value, text in Status.choices), (ANY, "Any status"))
_SEVERITIES: Final = tuple((str(value), str(text)) for value, text in Severity.choices)
_OWN: Final = ((ME, "Me"), (NOBODY, "Unassigned"))


@dataclass(frozen=True)
class Chip:
    """One filter in force: in words, and the query string without it."""

    text: str
    without: str


class QueueFilter:
    """Reads the filters from a query string. Asks the database only for the choices that it needs.

    What means nothing is an error in `errors`, never left out: a list that silently shows everything would be believed.
    What was given stays in `given`, right or wrong. `beside` are the names that the URL may have beside filters;
    `setup` is how the desk is set up, when that was read already.
    """

    def __init__(
        self,
        query: QueryDict,
        person: Person,
        beside: Collection[str] = OF_A_PAGE,
        setup: QueueSetup | None = None,
    ) -> None:
        if setup is not None:
            self.setup = setup
        self.errors: list[str] = []
        self._query = query
        self._person = person
        self.given = {name: query.get(name, "").strip().replace("\x00", UNREADABLE) for name in LABELS}
        self._look_at_names({*LABELS, *beside})
        self.severity = self._one_of("severity", lambda: _SEVERITIES)
        self.status = self._one_of("status", lambda: _STATUSES)
        self.assignee = self._one_of("assignee", lambda: self._assignees)
        self.tag = self._one_of("tag", lambda: self.setup.tags)
        self.category = self._one_of("category", lambda: self.setup.categories)
        self.text = self._read_text()
        self.backwards = "before" in query
        self.cursor = self._read_place()

    def _look_at_names(self, known: Collection[str]) -> None:
        for name in self._query:
            if name not in known:
                shown = name.replace("\x00", UNREADABLE)[:40]
                self.errors.append(f"There is no filter “{shown}”. The filters are: {', '.join(LABELS)}.")
            elif len(self._query.getlist(name)) > 1:
                self.errors.append(f"The filter {name} is given more than once. Give it one value.")

    def _one_of(self, name: str, choices: Callable[[], Choices]) -> str:
        value = self.given[name]
        if not value:
            return ""
        known = [choice for choice, _ in choices()]
        if value in known:
            return value
        named = ", ".join(known[:MOST_NAMED]) or "none yet"
        more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
        self.errors.append(f"There is no {name} “{value[:60]}”. Choose one of: {named}{more}.")
        return ""

    def _read_text(self) -> str:
        if problem := searching.why_not(self._query.get("q", "")):
            self.errors.append(problem)
            return ""
        return self.given["q"]

    def _read_place(self) -> Cursor | None:
        places = [name for name in PLACES if name in self._query]
        if not places:
            return None
        if len(places) > 1:
            self.errors.append("A page begins after a ticket or ends before one: give one of the two.")
        text = str(self._query[places[0]])
        cursor = read_cursor(text, newest=self.newest)
        if cursor is None:
            shown = text.replace("\x00", UNREADABLE)[:60]
            self.errors.append(f"There is no place “{shown}” in this list. The links After and Before name its places.")
        return cursor

    def on_first_page(self) -> QueueFilter:
        """The same filters, at the beginning of the list."""
        first = copy(self)
        first.cursor, first.backwards = None, False
        return first

    @property
    def newest(self) -> bool:
        """Whether the newest stand first: as soon as finished tickets, which nothing awaits, are among them."""
        return self.status in (ANY, *ticket_states.FINISHED)

    @property
    def order(self) -> tuple[str, ...]:
        """The order of the list."""
        return NEWEST if self.newest else DUE_NEXT

    @property
    def values(self) -> dict[str, str]:
        """The filters in force, by the names that they have in the URL."""
        read = (self.text, self.severity, self.status, self.assignee, self.tag, self.category)
        return {name: value for name, value in zip(LABELS, read, strict=True) if value}

    @property
    def place(self) -> dict[str, str]:
        """The cursor as the URL has it; empty on the first page."""
        return {} if self.cursor is None else {"before" if self.backwards else "after": str(self.cursor)}

    def query(self, **more: str) -> str:
        """The query string of these filters and `more`; an empty value takes a filter out."""
        return urlencode({name: value for name, value in {**self.values, **more}.items() if value})

    @cached_property
    def condition(self) -> Q:
        """What a ticket must be to match."""
        found = Q() if self.status == ANY else Q(status__in=[self.status] if self.status else ticket_states.UNFINISHED)
        if self.severity:
            found &= Q(severity=self.severity)
        if self.assignee:
            named = {NOBODY: Q(assignee__isnull=True), ME: Q(assignee=self._person)}
            found &= named.get(self.assignee) or Q(assignee=self.setup.person_ids[self.assignee])
        if self.tag:
            found &= Q(tags__contains=[self.tag])
        if self.category:
            found &= Q(category=self.setup.category_ids[self.category])
        return found & matching(searching.read(self.text)) if self.text else found

    @cached_property
    def setup(self) -> QueueSetup:
        """How the desk is set up; one query, which is asked when something of it is needed."""
        return read_setup()

    @property
    def needs_setup(self) -> bool:
        """Whether the set-up was not asked for yet. Whoever reads it with something else gives it to `setup`."""
        return "setup" not in self.__dict__

    @property
    def _assignees(self) -> Choices:
        return (*_OWN, *self.setup.people)

    def selects(self) -> list[Select]:
        """The filters that are chosen from, with their choices."""
        return [
            self._select("severity", "Any severity", _SEVERITIES),
            self._select("status", "Open and in progress", _STATUSES),
            self._select("assignee", "Anyone", self._assignees),
            self._select("tag", "Any tag", self.setup.tags),
            self._select("category", "Any category", self.setup.categories),
        ]

    def _select(self, name: str, any_label: str, choices: Choices) -> Select:
        chosen = self.given[name][:60]
        if chosen and chosen not in dict(choices):
            choices = (*choices, (chosen, f"“{chosen}”: there is none"))
        return Select(name, LABELS[name], any_label, choices, chosen)

    def chips(self) -> list[Chip]:
        """Each filter in force, with the way to take it out."""
        labels = dict(_STATUSES) | dict(_SEVERITIES) | {ME: "me", NOBODY: "nobody"}
        return [
            Chip(
                f"{LABELS[name]}: {value if name in ('q', 'tag') else labels.get(value, value)}",
                self.query(**{name: ""}),
            )
            for name, value in self.values.items()
        ]
