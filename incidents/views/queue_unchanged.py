"""The answer to a page of the queue that asks whether anything is new, while nothing is: most of all requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from incidents.views.queue_state import KNOWN, Known
from incidents.views.queue_tabs import TABS
from zbmaint.access.models import Person
from zbmaint.access.sessions import SessionStore
from zbmaint.prepared import preparing_cursor

NO_CONTENT: Final = 204
KEPT: Final = 500  # sessions of which a process remembers whose they are
_PATH: Final = re.compile(rf"/queue/(?:{'|'.join(TABS)})/changes/")
_STATE: Final = re.compile(rf"state=[0-9a-f]{{8}}-({KNOWN})(?:%2C|,|&|$)", re.ASCII)
# The session, unless it is over; the person, unless retired or without the permission; the changes so far.
READ: Final = """
SELECT session.session_data, person.password, (SELECT coalesce(sum(changes), 0)::bigint FROM incidents_queuecount)
FROM django_session AS session, access_person AS person JOIN access_role AS role ON role.id = person.role_id
WHERE session.session_key = %(session)s AND session.expire_date > %(now)s
    AND person.id = %(person)s AND person.retired_at IS NULL
    AND (role.grants_everything OR EXISTS (
        SELECT FROM access_role_permissions AS given
        JOIN auth_permission AS permission ON permission.id = given.permission_id
        JOIN django_content_type AS kind ON kind.id = permission.content_type_id
        WHERE given.role_id = role.id AND app_label = 'incidents' AND codename = 'view_ticket'
    ))
"""


class UnchangedMiddleware:
    """Answers 204 when the page that asks cannot differ from what it was, before anything else is done for it.

    It stands before the session. Whatever it does not know for certain, who is signed in first of all, it leaves to the
    view behind it: it refuses nothing and shows nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve the request."""
        if request.method == "GET" and _PATH.fullmatch(request.path_info) and _is_unchanged(request):
            return HttpResponse(status=NO_CONTENT, headers={"Vary": "Cookie"})
        return self.get_response(request)


def _is_unchanged(request: HttpRequest) -> bool:
    query, session = request.META.get("QUERY_STRING", ""), request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    found, now = _STATE.search(query), timezone.now()
    if found is None or query.count("state=") > 1 or not session.isalnum():
        return False
    request.get_host()  # refuses hosts that are not ours, as for every page
    known = Known(*map(int, found[1].split("-")))
    if now.timestamp() * 1000 >= known.until:
        return False
    with preparing_cursor() as cursor:
        cursor.execute(READ, {"session": session, "person": known.person, "now": now})
        row = cursor.fetchone()
    return row is not None and row[2] == known.changes and _is_session_of(known.person, row[0], row[1])


@lru_cache(maxsize=KEPT)
def _is_session_of(person: int, data: str, password: str) -> bool:
    """Whether somebody with this number and this (hashed) password is signed in by a session with this content."""
    session = SessionStore().decode(data)
    if (
        session.get(SESSION_KEY) != str(person)
        or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS
    ):
        return False
    expected = Person(pk=person, password=password).get_session_auth_hash()
    return constant_time_compare(str(session.get(HASH_SESSION_KEY, "")), expected)
