"""How tickets stand at this moment."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

from incidents.rules.clocks import SOON
from zbmaint.prepared import preparing_cursor

# More than that nobody works off one by one, and counting it takes longer than the page.
ENOUGH: Final = 1_000
READ: Final = """
SELECT
    (SELECT coalesce(sum(number), 0)::bigint FROM incidents_queuecount),
    (SELECT coalesce(sum(number), 0)::bigint FROM incidents_queuecount WHERE assignee_id IS NULL),
    (SELECT count(*) FROM (SELECT FROM incidents_ticket
        WHERE status IN ('open', 'in_progress') AND order_at <= %(now)s LIMIT %(enough)s) AS overdue),
    (SELECT count(*) FROM (SELECT FROM incidents_ticket
        WHERE status IN ('open', 'in_progress') AND order_at > %(now)s AND order_at <= %(soon)s
        LIMIT %(enough)s) AS soon)
"""
ON_CALL: Final = """
SELECT tier.number, person.id, person.username, person.name,
    coalesce((SELECT sum(number) FROM incidents_queuecount AS has WHERE has.assignee_id = person.id), 0)::bigint,
    (SELECT away_until FROM incidents_responder AS responder
        WHERE responder.person_id = person.id AND responder.away_until > %(now)s)
FROM incidents_tier AS tier LEFT JOIN access_person AS person ON person.id = tier.on_call_id
ORDER BY tier.number
"""


class TicketsNow(NamedTuple):
    """How many tickets are unfinished, and of them without an assignee; how many targets are missed, and how many will
    be within half an hour, both counted up to one more than ENOUGH."""

    open: int
    unassigned: int
    overdue: int
    soon: int


class OnCall(NamedTuple):
    """Who answers for a tier when no rule names anybody (`person` None: nobody), and how many tickets they have."""

    tier: int
    person: int | None
    username: str | None
    full_name: str | None
    open: int
    away_until: dt.datetime | None


def read_now(now: dt.datetime) -> TicketsNow:
    """Count; one query."""
    with preparing_cursor() as cursor:
        cursor.execute(READ, {"now": now, "soon": now + SOON, "enough": ENOUGH + 1})
        return TicketsNow(*cursor.fetchone())


def read_on_call(now: dt.datetime) -> list[OnCall]:
    """Who is on call, by tier; one query."""
    with preparing_cursor() as cursor:
        cursor.execute(ON_CALL, {"now": now})
        return [OnCall(*row) for row in cursor.fetchall()]
