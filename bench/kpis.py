"""What KPIs cost with a long history, against floors in the same run. Run by `python -m bench kpis`.

Its case runs this twice: with a hundredth of the tickets and runs, and with all of them, of as many days and services.
Rolling one day up is measured with a tenth of the history, too, with as much on each day (`bench.shorter`).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Final

from django.core.management import call_command
from django.db import connection
from django.db.models import F, OuterRef, Subquery
from django.test import Client, override_settings
from django.utils import timezone

from bench import floor, history
from bench.alternate import alternate, spread
from bench.rolled import MIDDLE, ONE_DAY
from bench.rows import Row
from incidents.actions import counting
from incidents.models import Ticket
from zbmaint.access.actions.people import create_first_admin
from zbmaint.access.models import Person
from zbmaint.management.startup import collect_static_files
from zbmaint.rollup import days, rolling
from zbmaint.rollup.models import Rolled, RolledDay

TICKETS = int(os.environ.get("ZBMAINT_BENCH_TICKETS", "100000"))
DAYS = int(os.environ.get("ZBMAINT_BENCH_DAYS", "400"))
SERVICES, ROUNDS = 200, 40
SLOWEST, SCRAPE = 3.0, 20.0  # times the floor queue, times the bare view
# Without a limit. Once a day that a page shows is corrected, the first look at it is put together anew.
TOLD: Final = ("health", "overview after a correction", "KPIs of 90 days after a correction")
TOKEN: Final = "a token of the benchmark"  # noqa: S105


Side = Callable[[], int]


def measure() -> list[Row]:
    """Make the history, roll it up, and ask for the pages."""
    prepare()
    there = {"tickets": Ticket.objects.count(), **history.counted()}
    rows = [Row("kpis", name, number, "") for name, number in there.items()]
    rows += roll()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as a desk is that was not filled a minute ago
    return rows + _pages()


def prepare() -> None:
    """A desk with its history."""
    call_command("migrate", verbosity=0)
    call_command("defaults")
    collect_static_files()
    create_first_admin("of use nowhere else")
    call_command("demo_data", tickets=TICKETS, runs=200, days=DAYS, no_rollup=True, verbosity=0)
    history.make_runs(TICKETS // 2, DAYS - 1)
    history.make_services(SERVICES, DAYS)
    floor.make_table()
    counting.fold(timezone.now())


def roll() -> list[Row]:
    """Rebuild everything, then one day of each kind again and again, a new and an old one."""
    rows, now = [], timezone.now()
    for kind in rolling.kinds():
        began = time.perf_counter()
        count = rolling.rebuild(kind, None, now)
        rows.append(Row("kpis", f"rebuild {kind}: {count} days", time.perf_counter() - began, "s"))
    today = days.day_of(now)
    for when, back in (("yesterday", 1), (MIDDLE, DAYS // 2)):
        seconds = []
        for _ in range(5):
            began = time.perf_counter()
            for kind in rolling.kinds():
                rolling.roll_day(kind, today - back * days.A_DAY, now)
            seconds.append(1000 * (time.perf_counter() - began))
        seen = spread(seconds)
        rows.append(Row("kpis", f"{ONE_DAY}, {when}", seen.median, "ms", spread=str(seen)))
    return rows


def _pages() -> list[Row]:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(Person.objects.get(username="admin"), backend="zbmaint.access.backend.RoleBackend")
    scraper = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {TOKEN}"})
    floors = {
        "bare view": floor.asks(floor.client(floor.BARE), "/bare/"),
        "floor queue": floor.asks(floor.client(floor.SIGNED_IN, client.cookies), "/queue/"),
    }
    pages = {
        "overview": floor.asks(client, "/"),
        "KPIs of 90 days": floor.asks(client, "/kpis/?range=90"),
        "KPIs as JSON": floor.asks(client, "/kpis.json"),
        "health": floor.asks(client, "/health/"),
        "metrics": floor.asks(scraper, "/metrics"),
    }
    # Each in a run of its own: what they throw away the others would miss.
    rolled = {
        "overview after a roll-up": _anew(client, "/", 0),
        "KPIs of 90 days after a roll-up": _anew(client, "/kpis/?range=90", 0),
    }
    corrected = {
        "overview after a correction": _anew(client, "/", 1),
        "KPIs of 90 days after a correction": _anew(client, "/kpis/?range=90", 1),
    }
    with override_settings(METRICS_TOKEN=TOKEN):
        return [row for sides in (pages, rolled, corrected) for row in _against(floors, sides)]


def _against(floors: Mapping[str, Side], pages: Mapping[str, Side]) -> list[Row]:
    times = {name: spread(taken) for name, taken in alternate({**floors, **pages}, ROUNDS, 2).items()}
    bare, base = times["bare view"].median, times["floor queue"].median
    rows = [Row("kpis", name, times[name].median, "ms", spread=str(times[name])) for name in floors]
    for name in pages:
        limit = None if name in TOLD else SCRAPE * bare if name == "metrics" else SLOWEST * base
        rows.append(Row("kpis", name, times[name].median, "ms", limit, "limit", str(times[name])))
    return rows


def _anew(client: Client, path: str, back: int) -> Side:
    """The same as the first one after the day so long ago was rolled up and became another one, for every kind.

    Today does so each minute, of which pages of days that are over show nothing; they read a day before it anew.
    """
    ask, day = floor.asks(client, path), days.day_of(timezone.now()) - back * days.A_DAY

    def after_a_roll() -> int:
        Rolled.objects.update(edition=F("edition") + 1)
        latest = Rolled.objects.filter(kind=OuterRef("kind")).values("edition")
        RolledDay.objects.filter(day=day).update(edition=Subquery(latest))
        return ask()

    return after_a_roll


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(row) for row in measure()]))
