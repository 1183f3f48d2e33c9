"""The floors: the least that could possibly serve a request, on the same database, in the same process.

`bare` is a view that returns six kilobytes and nothing else. `queue` has a session, its person, one indexed query on
as many tickets as ours, and fifty plain rows in a Django template: what no queue page of Django can go below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine, Template
from django.test import Client, override_settings
from django.urls import path

KILOBYTES = b"x" * 6_000
TABLE = """
CREATE TABLE bench_floor AS
SELECT number, title, severity, status, tier_id AS tier, assignee_id AS assignee, order_at, created_at
FROM incidents_ticket;
CREATE UNIQUE INDEX ON bench_floor (number);
CREATE INDEX ON bench_floor (tier, order_at, number) WHERE status IN ('open', 'in_progress');
ANALYZE bench_floor;
"""
PAGE = Template(
    """<!doctype html><html lang="en"><head><title>Queue</title></head><body><p>{{ user }}</p><table>
{% for ticket in tickets %}<tr><td>{{ ticket.severity }}</td><td><a href="/{{ ticket.number }}/">{{ ticket.number }}</a>
</td><td>{{ ticket.title }}</td><td>{{ ticket.status }}</td><td>{{ ticket.order_at }}</td><td>{{ ticket.assignee }}</td>
<td>{{ ticket.created_at }}</td></tr>{% endfor %}</table></body></html>""",
    engine=Engine(),
)


class Floor(models.Model):
    """The tickets as a plain table with one index that fits."""

    number = models.BigIntegerField(primary_key=True)
    title = models.CharField(max_length=300)
    severity = models.CharField(max_length=10)
    status = models.CharField(max_length=12)
    tier = models.SmallIntegerField()
    assignee = models.BigIntegerField()
    order_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_floor"

    def __str__(self) -> str:
        return str(self.number)


def bare(_request: HttpRequest) -> HttpResponse:
    """Six kilobytes."""
    return HttpResponse(KILOBYTES)


def queue(request: HttpRequest) -> HttpResponse:
    """Fifty plain rows, for whoever is signed in."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    rows = Floor._default_manager.filter(status__in=["open", "in_progress"], tier=1).order_by("order_at", "number")[:50]
    return HttpResponse(PAGE.render(Context({"user": request.user, "tickets": rows})))


def intake(request: HttpRequest) -> HttpResponse:
    """Keep the body: one durable INSERT."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_intake (body) VALUES (%s)", [request.body])
    return HttpResponse(status=202)


urlpatterns = [path("bare/", bare), path("queue/", queue), path("floor/intake", intake)]
BARE: tuple[str, ...] = ()
SIGNED_IN = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)


def make_table() -> None:
    """Copy the tickets that there are."""
    with connection.cursor() as cursor:
        cursor.execute(TABLE)


def client(middleware: tuple[str, ...], cookies: Any = None) -> Client:
    """A client whose requests go through `middleware` alone to the floors' own URLs."""
    made = Client(headers={"host": "127.0.0.1"})
    with override_settings(MIDDLEWARE=["bench.floor.own_urls", *middleware]):
        made.handler.load_middleware()
    if cookies is not None:
        made.cookies = cookies
    return made


def asks(client: Client, path: str) -> Callable[[], int]:
    """What asks for a page and returns its size; one that cannot be had ends the benchmark."""

    def ask() -> int:
        answer = client.get(path)
        if answer.status_code >= 300:
            raise SystemExit(f"{path} answers {answer.status_code}")
        return len(answer.content)

    return ask


def own_urls(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the floors' own URLs."""

    def with_own_urls(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__
        return get_response(request)

    return with_own_urls
