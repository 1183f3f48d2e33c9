"""One page of the findings list, read for a page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Min, OuterRef, QuerySet, Subquery, Value, When
from django.utils import timezone

from incidents.models import Ticket
from maintenance import alerts
from maintenance.forms.finding_filter import STATES, FindingFilter
from maintenance.models import Finding, FindingSighting, Severity
from maintenance.models.finding import standing, still_open
from maintenance.rules.finding_states import acceptance_ended, age_in_words
from maintenance.tasks.catalog import title_of
from zbmaint.ui.words import day

PAGE_SIZE = 50
State = Finding.State
OPEN, ACCEPTED, RESOLVED = "Open", "Accepted", "Resolved"
GROUP_OF = {State.NEW: OPEN, State.ONGOING: OPEN, State.ACCEPTED: ACCEPTED, State.RESOLVED: RESOLVED}


@dataclass(frozen=True)
class FindingRow:
    """A finding with the words that its row says. `run` is the one that saw it last, while it is kept."""

    finding: Finding
    now: dt.datetime
    run: int | None = None
    ticket: Ticket | None = None

    @property
    def ended(self) -> bool:
        """Whether it is accepted by name only: the last day has passed."""
        return acceptance_ended(self.finding.state, self.finding.accepted_until, self.now.date())

    @property
    def state(self) -> str:
        """The state in which it stands today."""
        return State.ONGOING if self.ended else self.finding.state

    @property
    def group(self) -> str:
        """The part of the list in which it stands."""
        return GROUP_OF[State(self.state)]

    @property
    def says(self) -> str:
        """Its state with what belongs to it: how long it goes on, or until or since when."""
        finding = self.finding
        if self.ended:
            return f"Acceptance ended {day(finding.accepted_until)}" if finding.accepted_until else "Acceptance ended"
        if finding.state == State.ONGOING:
            return f"Ongoing for {self.age}"
        if finding.state == State.ACCEPTED and finding.accepted_until:
            return f"Accepted until {day(finding.accepted_until)}"
        if finding.state == State.RESOLVED and finding.resolved_at:
            return f"Resolved {day(finding.resolved_at)}"
        return finding.get_state_display()

    @property
    def says_who(self) -> str:
        """Who accepted it and why; empty unless it is accepted."""
        finding = self.finding
        if finding.state != State.ACCEPTED:
            return ""
        return f"{finding.accepted_by or 'Somebody'}: {finding.accepted_reason}"

    @property
    def age(self) -> str:
        """How long it has been there, in words."""
        return age_in_words(self.now - self.finding.first_seen_at)

    @property
    def found_by(self) -> str:
        """The task that saw it last, as people call it."""
        return title_of(self.finding.task)


@dataclass(frozen=True)
class Tab:
    """A state to choose from, with how many findings stand in it."""

    text: str
    query: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Group:
    """Rows that stand in one part of the list; `count` of them on all pages together."""

    name: str
    count: int
    rows: list[FindingRow]


@dataclass(frozen=True)
class FindingListPage:
    """A page of the list, worst first and then oldest. `older` and `newer` are query strings, empty where it ends."""

    groups: list[Group]
    tabs: list[Tab]
    first: int
    total: int
    previous: str
    following: str
    open: int
    first_page: str
    oldest: dt.datetime | None

    @property
    def last(self) -> int:
        """The place of the last row, counted from 1."""
        return self.first + sum(len(group.rows) for group in self.groups) - 1


def read_list(filters: FindingFilter) -> FindingListPage:
    """The page that `filters` ask for; three queries. Findings of other states are counted for the tabs."""
    now = timezone.now()
    found = filters.apply()
    counted = {str(state): Count("pk", filter=standing(state, now.date())) for state in STATES}
    figures = found.aggregate(**counted, oldest=Min("first_seen_at", filter=still_open(now.date())))
    counts = {str(state): figures[str(state)] for state in STATES}
    every = sum(counts.values())
    total = counts[filters.state] if filters.state else every
    chosen = found.filter(standing(filters.state, now.date())) if filters.state else found
    start = (filters.page - 1) * PAGE_SIZE
    rows = _rows(chosen, start, now)
    tabs = [Tab("All", filters.query(state=""), every, not filters.state)]
    tabs += [
        Tab(state.label, filters.query(state=state.value), counts[state], filters.state == state) for state in STATES
    ]
    return FindingListPage(
        groups=_groups(rows, counts),
        tabs=tabs,
        first=start + 1,
        total=total,
        previous=filters.query(page=filters.page - 1) if filters.page > 1 else "",
        following=filters.query(page=filters.page + 1) if start + PAGE_SIZE < total else "",
        open=counts[State.NEW] + counts[State.ONGOING],
        first_page=filters.query(),
        oldest=figures["oldest"],
    )


def _rows(found: QuerySet[Finding], start: int, now: dt.datetime) -> list[FindingRow]:
    places = [When(still_open(now.date()), then=Value(0)), When(state=State.ACCEPTED, then=Value(1))]
    worst = [When(severity=severity, then=Value(place)) for place, severity in enumerate(Severity.values)]
    last_run = FindingSighting.objects.filter(finding=OuterRef("pk")).order_by("-run_id").values("run_id")[:1]
    found = found.select_related("target", "accepted_by").annotate(
        place=Case(*places, default=Value(2), output_field=IntegerField()),
        worst=Case(*worst, output_field=IntegerField()),
        last_run=Subquery(last_run),
    )
    page = list(found.order_by("place", "worst", F("first_seen_at").asc(), "pk")[start : start + PAGE_SIZE])
    tickets = alerts.tickets_about("finding", [str(finding.pk) for finding in page])
    return [FindingRow(finding, now, finding.last_run, tickets.get(str(finding.pk))) for finding in page]


def _groups(rows: list[FindingRow], counts: dict[str, int]) -> list[Group]:
    groups = []
    for name in (OPEN, ACCEPTED, RESOLVED):
        mine = [row for row in rows if row.group == name]
        if mine:
            groups.append(Group(name, sum(counts[state] for state in STATES if GROUP_OF[state] == name), mine))
    return groups
