"""What tickets say on every page: to lead and management, that one has gone to a vendor."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final, NamedTuple

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from incidents.models import QueueCount, VendorEscalation
from incidents.models.ticket import PREFIX
from incidents.rules import ticket_states
from zbmaint.prepared import preparing_cursor
from zbmaint.ui import slots

MOST: Final = 3
EDITION: Final = "edition_of_tickets"
UNSEEN: Final = """
SELECT gone.id, ticket.number, ticket.title, gone.vendor, person.username, gone.at, gone.criterion
FROM incidents_vendorescalation AS gone
JOIN incidents_ticket AS ticket ON ticket.id = gone.ticket_id
JOIN access_person AS person ON person.id = gone.by_id
WHERE gone.id = ANY(%s) AND NOT EXISTS (
    SELECT FROM incidents_vendorescalation_seen_by AS seen
    WHERE seen.vendorescalation_id = gone.id AND seen.person_id = %s
)
ORDER BY gone.at DESC LIMIT %s
"""


class Told(NamedTuple):
    """An escalation as its banner tells of it."""

    pk: int
    number: int
    title: str
    vendor: str
    by: str
    at: dt.datetime
    criterion: str

    @property
    def ticket(self) -> str:
        """The ticket as people call it."""
        return f"{PREFIX}{self.number}"


def with_vendors(request: HttpRequest) -> SafeString | None:
    """A banner for each escalation to a vendor that the person is told of and has not seen; one query while no ticket
    changes and none is with a vendor, two otherwise."""
    if not request.user.has_perm("incidents.view_vendorescalation"):
        return None
    going_on = _going_on(*(getattr(request, EDITION, None) or QueueCount.objects.edition()))
    if not going_on:
        return None
    with preparing_cursor() as cursor:
        cursor.execute(UNSEEN, [going_on, request.user.pk, MOST])
        found = [Told(*row) for row in cursor.fetchall()]
    if not found:
        return None
    context = {"escalations": found, "here": request.get_full_path(), "csrf_token": get_token(request)}
    return render_to_string("incidents/vendor_banner.html", context)


def told(request: HttpRequest, changes: int, newest: int) -> None:
    """Tell the banner what the page has asked already: `QueueCount.objects.edition()`."""
    setattr(request, EDITION, (changes, newest))


@lru_cache(maxsize=1)
def _going_on(_changes: int, newest: int) -> list[int]:
    """The escalations whose ticket is not finished, read anew when any ticket has changed: most are long over."""
    if not newest:
        return []
    unfinished = VendorEscalation.objects.filter(ticket__status__in=sorted(ticket_states.UNFINISHED))
    return list(unfinished.values_list("pk", flat=True))


slots.register("banners", with_vendors)
