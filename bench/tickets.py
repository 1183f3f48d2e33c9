"""What the desk costs with many tickets, against floors in the same run. Run by `python -m bench tickets`.

ZBMAINT_BENCH_TICKETS says how many (default 100,000; 1,000,000 takes a quarter of an hour to make).
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from urllib.parse import urlencode

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from bench import floor
from bench.alternate import Spread, alternate, spread
from bench.rows import Row
from incidents.actions import counting
from incidents.models import Entry, Ticket
from incidents.views.queue_tabs import TABS
from zbmaint.access.actions.people import create_first_admin
from zbmaint.access.models import Person
from zbmaint.management.startup import collect_static_files

TICKETS = int(os.environ.get("ZBMAINT_BENCH_TICKETS", "100000"))
DAYS, ROUNDS = 365, 40
ENTRIES = 200
SAID = "Asked the member to try again with `another browser`:\n\n- it is the *same* there\n- and with the app"
PAGE = 100  # the page of a list that is reached by its cursor
SLOWEST = {"page": 2.0, "search": 3.0}  # times the floor queue
BROAD_MS = 150.0  # of what matches much
UNCHANGED, UNCHANGED_BYTES = 4.0, 1024  # times the bare view; bytes

STATE = re.compile(r'id="queue-state" name="state" value="([^"]+)"')
Side = Callable[[], int]


def measure() -> list[Row]:
    """Make the tickets, and ask for the pages."""
    call_command("migrate", verbosity=0)
    call_command("defaults")
    collect_static_files()
    create_first_admin("of use nowhere else")
    call_command("demo_data", tickets=TICKETS, runs=200, days=DAYS, no_rollup=True, verbosity=0)
    floor.make_table()
    counting.fold(timezone.now())  # as the ticker does every second
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as a desk is that was not filled a minute ago
    admin = Person.objects.get(username="admin")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(admin, backend="zbmaint.access.backend.RoleBackend")
    floors = {
        "bare view": floor.asks(floor.client(floor.BARE), "/bare/"),
        "floor queue": floor.asks(floor.client(floor.SIGNED_IN, client.cookies), "/queue/"),
    }
    pages = {name: floor.asks(client, path) for name, path in _paths().items()}
    pages["unchanged: queue"] = _polls(client, "/queue/1/")
    times = {name: spread(taken) for name, taken in alternate({**floors, **pages}, ROUNDS, 2).items()}
    return _rows(times, {name: min(ask() for _ in range(3)) for name, ask in pages.items()})


def _paths() -> dict[str, str]:
    """The pages that are measured, by what they are."""
    longest = _long_ticket()
    paths = {f"page: queue, {tab}": f"/queue/{tab}/" for tab in TABS}
    filters: dict[str, dict[str, str]] = {
        "severity": {"severity": "high"},
        "status": {"status": "in_progress"},
        "tag": {"tag": "mail"},
        "category": {"category": "application"},
        "assignee": {"assignee": "t.ncube"},
        "any status": {"status": "any"},
        "closed, by tag": {"status": "closed", "tag": "mail"},
    }
    paths |= {f"page: queue, {name}": f"/queue/all/?{urlencode(query)}" for name, query in filters.items()}
    paths[f"page: queue, page {PAGE}"] = _page_by_cursor("any")
    paths |= {
        "search: a number": f"/queue/all/?status=any&q=INC-{longest}",
        "search: two selective words": "/queue/all/?status=any&q=invoice+7119",
        "broad search: two words of many tickets": "/queue/all/?status=any&q=umlauts+nothing",
        "broad search: a frequent word": "/queue/all/?status=any&q=password",
        "broad search: a beginning": "/queue/all/?q=certif",
        "page: ticket with 200 entries": f"/tickets/{longest}/",
    }
    return paths


def _long_ticket() -> int:
    """The number of a ticket with ENTRIES in its timeline."""
    ticket = Ticket.objects.unfinished().order_by("-version")[0]
    actors = list(Person.objects.filter(tier__isnull=False)[:3])
    missing = ENTRIES - ticket.entries.count()
    said = [
        Entry(ticket=ticket, kind=Entry.Kind.COMMENT, text=f"{SAID} ({at})", actor=actors[at % 3])
        for at in range(missing)
    ]
    Entry.objects.bulk_create(said)
    return ticket.number


def _page_by_cursor(status: str) -> str:
    """The page PAGE of all tickets, newest first."""
    numbers = Ticket.objects.order_by("-number").values_list("number", flat=True)
    return f"/queue/all/?status={status}&after={numbers[min(50 * PAGE, Ticket.objects.count() - 60)]}"


def _polls(client: Client, path: str) -> Side:
    """What a page of the queue asks for again and again, when nothing happens but that the time goes on."""
    seen = STATE.search(client.get(path).content.decode())
    if seen is None:
        raise SystemExit("the queue does not say what it shows")
    state = seen[1]

    def ask() -> int:
        nonlocal state
        answer = client.get(f"{path}changes/?{urlencode({'state': state})}", headers={"hx-request": "true"})
        if answer.status_code >= 300:
            raise SystemExit(f"{path} answers {answer.status_code} to what it shows")
        if found := STATE.search(answer.content.decode()):
            state = found[1]
        return len(answer.content)

    return ask


def _rows(times: Mapping[str, Spread], sizes: Mapping[str, int]) -> list[Row]:
    base, bare = times["floor queue"].median, times["bare view"].median
    rows = [
        Row("tickets", "tickets", Ticket.objects.count(), ""),
        Row("tickets", "unfinished tickets", Ticket.objects.unfinished().count(), ""),
        Row("tickets", "bare view", bare, "ms", spread=str(times["bare view"])),
        Row("tickets", "floor queue", base, "ms", spread=str(times["floor queue"])),
    ]
    for name, size in sizes.items():
        kind, _, what = name.partition(": ")
        seen = times[name]
        limit = {"unchanged": UNCHANGED * bare, "broad search": BROAD_MS}.get(kind) or SLOWEST[kind] * base
        rows.append(Row("tickets", f"{kind} {what}", seen.median, "ms", limit, "limit", str(seen)))
        if kind == "unchanged":
            rows.append(Row("tickets", f"{kind} {what}: size", size, "bytes", UNCHANGED_BYTES))
    return rows


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(row) for row in measure()]))
