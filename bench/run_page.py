"""What an open run page costs: its polls and itself, with a log of 100,000 lines. Run by `python -m bench`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from html import unescape

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.alternate import alternate, spread
from bench.rows import Row
from maintenance.models import LogLine, Origin, Run, RunStep, Target
from maintenance.rules import run_states
from zbmaint.access.actions.people import create_first_admin
from zbmaint.access.models import Person
from zbmaint.management.startup import collect_static_files

LINES, TABLES, ROUNDS = 100_000, 40, 30
MOST_QUERIES, MOST_KB = 3, 4.0
NEW_LINES = 20
POLL = re.compile(r'hx-get="(/runs/\d+/progress/\?seen=[\w.]+&amp;usual=\d+)"')


def measure() -> list[Row]:
    """Make the run, open its page, and ask as the page does."""
    call_command("migrate", verbosity=0)
    call_command("defaults")
    collect_static_files()
    create_first_admin("of use nowhere else")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(Person.objects.get(), backend="zbmaint.access.backend.RoleBackend")
    run = _make_run()
    page = f"/runs/{run.pk}/"
    found = POLL.search(client.get(page).content.decode())
    if found is None:
        raise SystemExit("the page of a run at work does not ask for its progress")
    before, log = unescape(found[1]), f"{page}log/?after="
    run.steps.filter(state="running").update(done=2_000, total=185_000, unit="pages")
    again = POLL.search(client.get(page).content.decode())
    unchanged = unescape(again[1]) if again else ""
    polls: dict[str, Callable[[], int]] = {
        "progress poll, nothing new": lambda: _get(client, unchanged),
        "progress poll, a step moved on": lambda: _get(client, before),
        "log poll, nothing new": lambda: _get(client, f"{log}{LINES}"),
        f"log poll, {NEW_LINES} new lines": lambda: _get(client, f"{log}{LINES - NEW_LINES}"),
        "whole page": lambda: _get(client, page),
    }
    times = alternate(polls, ROUNDS)
    rows = []
    for name, poll in polls.items():
        with CaptureQueriesContext(connection) as queries:
            size = poll()
        rows += _rows(name, len(queries), size, times[name])
    return rows


def _rows(name: str, queries: int, size: int, times: list[float]) -> list[Row]:
    seen = spread(times)
    limited = name != "whole page"
    return [
        Row("run_page", f"{name}: queries", queries, "", MOST_QUERIES if limited else None),
        Row("run_page", f"{name}: size", size / 1024, "KB", MOST_KB if limited else None),
        Row("run_page", f"{name}: time", seen.median, "ms", spread=str(seen)),
    ]


def _get(client: Client, path: str) -> int:
    """Ask, and return the size of the answer in bytes."""
    answer = client.get(path)
    if answer.status_code >= 300:
        raise SystemExit(f"{path} answers {answer.status_code}")
    return len(answer.content)


def _table(number: int) -> dict[str, object]:
    """A row of the report of a run that has done with all tables but the last."""
    done = number < TABLES
    return {
        "table": f"public.table_{number}",
        "dead_before": 12_345,
        "dead_after": 0 if done else None,
        "bytes_before": 9_000_000,
        "bytes_after": 8_000_000 if done else None,
        "seconds": 1.5 if done else None,
        "verdict": "vacuumed" if done else "running",
        "reason": "",
    }


def _make_run() -> Run:
    now = timezone.now()
    run = Run.objects.create(
        task="database_maintenance",
        target=Target.objects.get(reference="own"),
        state=run_states.RUNNING,
        origin=Origin.COMMAND,
        timeout_seconds=3300,
        started_at=now,
        heartbeat_at=now,
        report={"tables": [_table(number) for number in range(1, TABLES + 1)]},
    )
    RunStep.objects.bulk_create(
        RunStep(run=run, position=number, key=str(number), name=f"Vacuum public.table_{number}", state="passed")
        for number in range(1, TABLES + 1)
    )
    RunStep.objects.filter(run=run, position=TABLES).update(state="running", started_at=now)
    LogLine.objects.bulk_create(
        (
            LogLine(run=run, number=number, at=now, text=f"public.posts: 118,400 of 185,000 pages, line {number}")
            for number in range(1, LINES + 1)
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return run


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(row) for row in measure()]))
