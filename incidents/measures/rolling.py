"""Puts the tickets of a day together: `TicketDay` and `PersonDay`, from the rows that `rows` defines."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.db import connection
from django.db.models import Case, F, Min, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.utils import timezone

from incidents.measures import rows
from incidents.measures.rows import KIND, Scope
from incidents.models import ALL_SEVERITIES, ALL_TIERS, PersonDay, Stint, TicketDay
from zbmaint.access.models import Person
from zbmaint.rollup import days
from zbmaint.rollup.spread import pack

__all__ = ["KIND", "first", "roll"]

Grain: TypeAlias = tuple[int, str]  # tier, severity
_Query: TypeAlias = QuerySet[Any]

_COUNTED: Final = (
    "opened",
    "received",
    "escalated",
    "reopened",
    "resolved",
    "left_out",
    "responses_met",
    "responses_missed",
    "resolutions_met",
    "resolutions_missed",
    "unanswered",
)
_PARTS: Final = {
    "grain": f"coalesce(tier, {ALL_TIERS}), coalesce(severity, '{ALL_SEVERITIES}')",
    "grains": "(), (tier), (severity), (tier, severity)",  # of all, of a tier, of a severity, and of both
    "nobody": str(rows.NOBODY),
    "counts": ", ".join(f"count(*) FILTER (WHERE what = '{what}')" for what in _COUNTED),
}
_COUNTS: Final = """
SELECT {grain}, {counts}
FROM ({facts}) AS fact (what, tier, severity) GROUP BY GROUPING SETS ({grains})
"""
_SPREADS: Final = """
SELECT what, tier, severity, array_agg(seconds)
FROM ({facts}) AS fact (what, tier, severity, seconds) GROUP BY what, tier, severity
"""
# One row of each grain, with `holder` null, and one of each holder.
_OPEN: Final = """
SELECT {grain}, holder, count(*), count(*) FILTER (WHERE holder = {nobody}),
    CASE WHEN grouping(tier) = 1 THEN count(*) FILTER (WHERE waits) ELSE count(*) FILTER (WHERE waits_in_tier) END,
    floor(percentile_cont(0.5) WITHIN GROUP (ORDER BY age)), floor(percentile_cont(0.9) WITHIN GROUP (ORDER BY age)),
    max(age),
    CASE WHEN grouping(tier) = 1 THEN max(age) FILTER (WHERE waits)
        ELSE max(stayed) FILTER (WHERE waits_in_tier) END
FROM ({facts}) AS stay (tier, severity, holder, age, stayed, waits, waits_in_tier)
GROUP BY GROUPING SETS ({grains}, (holder))
"""
_OPEN_COLUMNS: Final = (
    "open",
    "open_unassigned",
    "open_unanswered",
    "open_age_median",
    "open_age_p90",
    "open_age_oldest",
    "unanswered_age_oldest",
)
_DID: Final = """
SELECT person, count(*) FILTER (WHERE what = 'answered'), count(*) FILTER (WHERE what = 'resolved')
FROM ({facts}) AS fact (what, person) WHERE person IS NOT NULL GROUP BY person
"""


def roll(day: dt.date, now: dt.datetime) -> None:
    """Write the rows of `day` anew; of today, as it is at `now`. Part of the transaction of the caller."""
    begins, ends = days.bounds(day)
    scope = Scope(begins, max(begins, min(ends, now + rows.LEAST)))
    made: defaultdict[Grain, TicketDay] = defaultdict(TicketDay)
    people: defaultdict[int, PersonDay] = defaultdict(PersonDay)
    for grain, counts in _counts(scope):
        _set(made[grain], counts)
    for grain, packed in _spreads(scope):
        _set(made[grain], packed)
    _roll_open(scope, made, people)
    for person, answered, resolved in _select(_DID, _did(scope)):
        _set(people[person], {"answered": answered, "resolved": resolved})
    _replace(day, made, people)


def first() -> dt.date | None:
    """The first day of which every ticket is still there, and that is to be kept itself; None without tickets."""
    earliest = Stint.objects.aggregate(at=Min("entered_at"))["at"]
    if earliest is None:
        return None
    return max(days.day_of(earliest), days.whole_since(kept(), timezone.now()))


def kept() -> int:
    """For how many days tickets are kept at least, and the days made of them."""
    return min(settings.TICKET_RETENTION_DAYS, settings.ROLLUP_RETENTION_DAYS)


def _counts(scope: Scope) -> Iterator[tuple[Grain, dict[str, Any]]]:
    facts = [_facts(what, rows.ROWS[what](scope), *_grain_of(what)) for what in _COUNTED]
    for tier, severity, *counts in _select(_COUNTS, facts):
        yield (tier, severity), dict(zip(_COUNTED, counts, strict=True))


def _grain_of(what: str) -> tuple[Combinable, Combinable]:
    """Where the rows of a figure have their tier and their severity."""
    if what in ("resolved", "left_out", "resolutions_met", "resolutions", "first_answers"):
        return F("tier_id"), F("severity")
    if what == "resolutions_missed":
        return F("stint__tier_id"), F("stint__ticket__severity")
    return (F("tier_id") - 1 if what == "escalated" else F("tier_id")), F("ticket__severity")


def _spreads(scope: Scope) -> Iterator[tuple[Grain, dict[str, bytes]]]:
    """Lengths, packed. A tier's answers are others than those of all tiers; the resolutions are the same."""
    facts = [
        _facts("answers", rows.answers_of_tiers(scope), *_grain_of("answers"), F("seconds")),
        _facts("answers", rows.first_answers(scope), Value(ALL_TIERS), F("severity"), F("seconds")),
        _facts("resolutions", rows.resolutions(scope), *_grain_of("resolutions"), F("seconds")),
    ]
    values: defaultdict[tuple[str, Grain], list[int]] = defaultdict(list)
    for what, tier, severity, seconds in _select(_SPREADS, facts):
        tiers = {tier, ALL_TIERS} if what == "resolutions" else {tier}
        for grain in ((one, other) for one in tiers for other in (severity, ALL_SEVERITIES)):
            values[what, grain] += seconds
    for (what, grain), seconds in values.items():
        yield grain, {what: pack(seconds)}


def _roll_open(scope: Scope, made: dict[Grain, TicketDay], people: dict[int, PersonDay]) -> None:
    """What is open at the end: the columns that say so, and how many tickets each person had."""
    at = scope.last
    stays = rows.backlog(scope).annotate(
        stayed=rows.age(scope.ends, "entered_at"),
        waits=Case(When(rows.waits(at), then=True), default=False),
        waits_in_tier=Case(When(rows.waits_in_tier(at), then=True), default=False),
    )
    columns = ("tier_id", "ticket__severity", "holder", "seconds", "stayed", "waits", "waits_in_tier")
    held: dict[int, int] = {}
    for tier, severity, holder, *figures in _select(_OPEN, [_sql(stays.order_by().values_list(*columns))]):
        if holder is None:
            _set(made[tier, severity], dict(zip(_OPEN_COLUMNS, figures, strict=True)))
        else:
            held[holder] = figures[0]
    for person in Person.objects.filter(pk__in=held).values_list("pk", flat=True):
        _set(people[person], {"open": held[person]})


def _did(scope: Scope) -> list[tuple[str, tuple[Any, ...]]]:
    return [
        _facts("answered", rows.answers_of_tiers(scope), F("responded_by_id")),
        _facts("resolved", rows.resolved(scope), F("assignee_id")),
    ]


def _facts(what: str, found: _Query, *columns: Combinable) -> tuple[str, tuple[Any, ...]]:
    """A query of `what` and the columns of its rows."""
    named = {f"column_{place}": column for place, column in enumerate((Value(what), *columns))}
    return _sql(found.order_by().annotate(**named).values_list(*named))


def _sql(found: _Query) -> tuple[str, tuple[Any, ...]]:
    sql, params = found.query.sql_with_params()
    return sql, params


def _select(statement: str, facts: Iterable[tuple[str, tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """The rows of a statement about what several queries find."""
    sqls, params = zip(*facts, strict=True)
    for name, part in (_PARTS | {"facts": " UNION ALL ".join(sqls)}).items():
        statement = statement.replace(f"{{{name}}}", part)
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for one in params for value in one])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _set(row: TicketDay | PersonDay, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _replace(day: dt.date, made: dict[Grain, TicketDay], people: dict[int, PersonDay]) -> None:
    for (tier, severity), row in made.items():
        row.day, row.tier, row.severity = day, tier, severity
    for person, each in people.items():
        each.day, each.person_id = day, person
    TicketDay.objects.filter(day=day).delete()
    PersonDay.objects.filter(day=day).delete()
    TicketDay.objects.bulk_create(made.values())
    PersonDay.objects.bulk_create(people.values())
