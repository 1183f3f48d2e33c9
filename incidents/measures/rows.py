"""The rows behind each figure of `TicketDay`: its definition, from which it is counted and by which it is looked up.

Each takes a `Scope` and gives a query whose number is the figure, newest first: of tickets, stays (`Stint`) or clock
events, each with `moment`, by which it belongs to a day, and `seconds` where a length is measured.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from django.db.models import (
    BigIntegerField,
    Case,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from incidents.models import ALL_SEVERITIES, ALL_TIERS, ClockEvent, DueClock, Entry, ResolutionCode, Stint, Ticket
from incidents.models.entry import HAD
from incidents.models.stint import STAY
from incidents.rules.clocks import BREACH
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.audit.record import kind_of
from zbmaint.rollup import days
from zbmaint.rollup.models import Rolled

KIND: Final = "tickets"
# How a ticket ended of which nobody says how long it took.
LEFT_OUT: Final = (ResolutionCode.DUPLICATE, ResolutionCode.NO_FAULT)
NOBODY: Final = 0
SOMEBODY: Final = -1
LEAST: Final = dt.timedelta(microseconds=1)  # of what the database tells apart
Row: TypeAlias = Ticket | Stint | ClockEvent
_R = TypeVar("_R", Ticket, Stint, ClockEvent)


@dataclass(frozen=True)
class Scope:
    """From `begins` to before `ends`, of one tier (0: all) and one severity (of the ticket, as it is now; "": all)."""

    begins: dt.datetime
    ends: dt.datetime
    tier: int = ALL_TIERS
    severity: str = ALL_SEVERITIES

    @property
    def last(self) -> dt.datetime:
        """Its last instant: what goes on at that is the backlog at the end."""
        return self.ends - LEAST


def scope_of(first: dt.date, last: dt.date, tier: int = ALL_TIERS, severity: str = ALL_SEVERITIES) -> Scope:
    """The days from `first` to `last`, both included, as far as they are rolled up: what happened since the last roll
    is in no figure yet."""
    begins, ends = days.begins(first), days.begins(last + days.A_DAY)
    rolled = Rolled.objects.filter(kind=KIND).values_list("at", flat=True).first()
    if rolled is not None and begins <= rolled < ends:
        ends = rolled + LEAST
    return Scope(begins, ends, tier, severity)


class _Seconds(Func):
    """Whole seconds of a length; none for one that a clock that was set back has made negative."""

    template = "GREATEST(0, floor(extract(epoch FROM %(expressions)s)))::bigint"
    output_field = BigIntegerField()


def opened(scope: Scope) -> QuerySet[Stint]:
    """Tickets that were opened: their first stays."""
    return _stays(scope, "entered_at", how=Stint.How.OPENED)


def received(scope: Scope) -> QuerySet[Stint]:
    """Stays that began: what was opened in, escalated to, handed back to or reopened in the tier."""
    return _stays(scope, "entered_at")


def escalated(scope: Scope) -> QuerySet[Stint]:
    """Stays that began by an escalation; of a tier, from which they came: that is, in the next one."""
    begun = Scope(scope.begins, scope.ends, scope.tier and scope.tier + 1, scope.severity)
    return _stays(begun, "entered_at", how=Stint.How.ESCALATED)


def reopened(scope: Scope) -> QuerySet[Stint]:
    """Stays that began because a ticket was taken up again."""
    return _stays(scope, "entered_at", how=Stint.How.REOPENED)


def resolved(scope: Scope) -> QuerySet[Ticket]:
    """Tickets that were resolved, and have not been reopened since."""
    return _tickets(scope, "resolved_at", seconds=F("resolution_seconds"))


def left_out(scope: Scope) -> QuerySet[Ticket]:
    """Those of them that were noise or a duplicate: of them nobody says how long they took."""
    return resolved(scope).filter(resolution_code__in=LEFT_OUT)


def resolutions(scope: Scope) -> QuerySet[Ticket]:
    """The others; `seconds` is how long all stays were together."""
    return resolved(scope).exclude(resolution_code__in=LEFT_OUT).filter(resolution_seconds__isnull=False)


def responses_met(scope: Scope) -> QuerySet[Stint]:
    """Stays that were answered within the target of their tier."""
    return _answered(scope).filter(breached_at__isnull=True)


def responses_missed(scope: Scope) -> QuerySet[Stint]:
    """Stays of which the target passed without an answer, whether one came later or not."""
    return _stays(scope, "breached_at", seconds=_length("responded_at", "entered_at"))


def unanswered(scope: Scope) -> QuerySet[Stint]:
    """Stays that ended without an answer and within the target: none was given, and none was late."""
    return _stays(scope, "left_at", responded_at__isnull=True, breached_at__isnull=True)


def resolutions_met(scope: Scope) -> QuerySet[Ticket]:
    """Tickets that were resolved under a target for that, and have never missed it."""
    mine = Stint.objects.filter(ticket=OuterRef("pk")).order_by("-entered_at", "-pk")
    found = resolved(scope).annotate(target=Subquery(mine.values("resolution_seconds")[:1]))
    return found.filter(~Exists(_misses().filter(stint__ticket=OuterRef("pk"))), target__isnull=False)


def resolutions_missed(scope: Scope) -> QuerySet[ClockEvent]:
    """The first time that each ticket missed its target for the resolution; a tier's, in which it was then."""
    found = _misses().filter(moment__gte=scope.begins, moment__lt=scope.ends)
    earlier = _misses().filter(stint__ticket=OuterRef("stint__ticket"), pk__lt=OuterRef("pk"))
    found = _of(found.filter(~Exists(earlier)), scope, "stint__tier", "stint__ticket__severity")
    return found.select_related("stint__ticket", "stint__tier").order_by("-moment", "-pk")


def answers(scope: Scope) -> QuerySet[Any]:
    """What was answered, with `seconds` from the beginning: of all tiers tickets, of one tier stays in it."""
    return answers_of_tiers(scope) if scope.tier else first_answers(scope)


def first_answers(scope: Scope) -> QuerySet[Ticket]:
    """Tickets that were answered for the first time, by whichever tier."""
    return _tickets(scope, "first_response_at", seconds=_length("first_response_at", "created_at"))


def answers_of_tiers(scope: Scope) -> QuerySet[Stint]:
    """Stays that were answered, in time or late."""
    return _answered(scope)


def backlog(scope: Scope) -> QuerySet[Any]:
    """Stays that go on at the end, one of each ticket that is not resolved then, with `seconds` since it was opened and
    `holder`, the number of whoever had it then, `NOBODY`, or `SOMEBODY` of whom only an old username is known."""
    at = scope.last
    covering: QuerySet[Any] = Stint.objects.annotate(stay=STAY)
    found: QuerySet[Any] = _of(covering.filter(stay__contains=at), scope, "tier", "ticket__severity")
    found = found.annotate(moment=F("entered_at"), seconds=age(scope.ends, "ticket__created_at"), holder=_holder(at))
    return found.select_related("ticket", "tier").order_by("-moment", "-pk")


def backlog_unassigned(scope: Scope) -> QuerySet[Any]:
    """Those that were nobody's then."""
    return backlog(scope).filter(holder=NOBODY)


def backlog_unanswered(scope: Scope) -> QuerySet[Any]:
    """Those that wait for an answer: of all tiers for the first one to the ticket, of one tier for its own. `seconds`
    is for how long."""
    found, at = backlog(scope), scope.last
    if scope.tier:
        found = found.filter(waits_in_tier(at)).annotate(seconds=age(scope.ends, "entered_at"))
    else:
        found = found.filter(waits(at))
    return found


def waits(at: dt.datetime) -> Q:
    """That the ticket of a stay has had no answer by `at`."""
    return Q(ticket__first_response_at__isnull=True) | Q(ticket__first_response_at__gt=at)


def waits_in_tier(at: dt.datetime) -> Q:
    """That a stay has had no answer by `at`."""
    return Q(responded_at__isnull=True) | Q(responded_at__gt=at)


def age(at: dt.datetime, since: str) -> Func:
    """Whole seconds from the moment in the column `since` to `at`."""
    moment = Value(at, output_field=DateTimeField())
    return _Seconds(CombinedExpression(moment, Combinable.SUB, F(since)))


ROWS: Final[dict[str, Callable[[Scope], QuerySet[Any]]]] = {
    "opened": opened,
    "received": received,
    "escalated": escalated,
    "reopened": reopened,
    "resolved": resolved,
    "left_out": left_out,
    "responses_met": responses_met,
    "responses_missed": responses_missed,
    "resolutions_met": resolutions_met,
    "resolutions_missed": resolutions_missed,
    "unanswered": unanswered,
    "answers": answers,
    "resolutions": resolutions,
    "open": backlog,
    "open_unassigned": backlog_unassigned,
    "open_unanswered": backlog_unanswered,
}
"""By the column of TicketDay."""


def ticket_of(row: Row) -> Ticket:
    """The ticket that a row is or belongs to."""
    if isinstance(row, Ticket):
        return row
    return row.ticket if isinstance(row, Stint) else row.stint.ticket


def before(rows: QuerySet[Any], moment: dt.datetime, number: int) -> QuerySet[Any]:
    """Those that come after the row of `moment` and `number` (of a ticket its number, else the id) in their order."""
    key = "number" if rows.model is Ticket else "pk"
    return rows.filter(Q(moment__lt=moment) | Q(**{"moment": moment, f"{key}__lt": number}))


def _tickets(scope: Scope, moment: str, *, seconds: Combinable) -> QuerySet[Ticket]:
    found: QuerySet[Any] = _of(Ticket.objects.filter(_within(scope, moment)), scope, "tier", "severity")
    found = found.annotate(moment=F(moment), seconds=seconds).select_related("tier")
    return found.order_by("-moment", "-number")


def _stays(scope: Scope, moment: str, *, seconds: Combinable | None = None, **facts: Any) -> QuerySet[Stint]:
    found = _of(Stint.objects.filter(_within(scope, moment), **facts), scope, "tier", "ticket__severity")
    found = found.annotate(moment=F(moment))
    if seconds is not None:
        found = found.annotate(seconds=seconds)
    return found.select_related("ticket", "tier").order_by("-moment", "-pk")


def _answered(scope: Scope) -> QuerySet[Stint]:
    return _stays(scope, "responded_at", seconds=_length("responded_at", "entered_at"))


def _misses() -> QuerySet[ClockEvent]:
    """That a target for the resolution has passed, and was not moved behind that later."""
    return ClockEvent.objects.filter(clock=DueClock.RESOLUTION, threshold=BREACH, void_at__isnull=True)


def _within(scope: Scope, moment: str) -> Q:
    return Q(**{f"{moment}__gte": scope.begins, f"{moment}__lt": scope.ends})


def _of(found: QuerySet[_R], scope: Scope, tier: str, severity: str) -> QuerySet[_R]:
    facts: dict[str, Any] = {tier: scope.tier} if scope.tier else {}
    return found.filter(**facts | ({severity: scope.severity} if scope.severity else {}))


def _length(until: str, since: str) -> _Seconds:
    return _Seconds(CombinedExpression(F(until), Combinable.SUB, F(since)))


def _holder(at: dt.datetime) -> Coalesce:
    """Who had the ticket of a stay at a moment: whom the first change after that took it from, else who has it now.

    Old entries have a username alone; of one that nobody has any more the audit log says whose it was.
    """
    named = Person.objects.filter(username=OuterRef("name")).values("pk")[:1]
    renamed = AuditEntry.objects.annotate(was=KT("before__username")).filter(
        target_kind=kind_of(Person), verb="person_changed", was=OuterRef("name"), at__gt=OuterRef("at")
    )
    whose = renamed.order_by("id").values(whose=Cast("target_id", BigIntegerField()))[:1]
    later = Entry.objects.filter(ticket=OuterRef("ticket"), at__gt=at, data__changed__has_key="assignee")
    had = later.annotate(name=KT("data__changed__assignee__0")).annotate(
        had=Case(
            When(name__isnull=True, then=Value(NOBODY)),
            When(**{f"data__{HAD}__isnull": False}, then=Cast(KT(f"data__{HAD}"), BigIntegerField())),
            default=Coalesce(Subquery(named), Subquery(whose), Value(SOMEBODY)),
            output_field=BigIntegerField(),
        )
    )
    return Coalesce(
        Subquery(had.order_by("at", "id").values("had")[:1]),
        F("ticket__assignee"),
        Value(NOBODY),
        output_field=BigIntegerField(),
    )
