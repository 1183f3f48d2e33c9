"""A million tickets go another way than a thousand, and end up the same."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from incidents.models import ClockEvent, Entry, Stint, Ticket, Watcher
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.dashboard.demo import tickets
from zbmaint.dashboard.demo.ahead import ahead
from zbmaint.dashboard.demo.bulk import filling
from zbmaint.dashboard.demo.history import generate
from zbmaint.dashboard.demo.period import Period
from zbmaint.embedded.layout import CHECKOUT

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 4, 8, 11, 30, tzinfo=dt.UTC)
SCHEMA = """
SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()
UNION SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint ORDER BY 1
"""


def schema() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return [text for (text,) in cursor]


def dump() -> list[Any]:
    """The rows, without the ids that sequences give."""
    audit = AuditEntry.objects.filter(target_kind="ticket")
    return [
        *Ticket.objects.order_by("number").values_list("id", "title", "status", "created_at", "due_at"),
        *Entry.objects.order_by("ticket__number", "id").values_list("ticket", "at", "text", "version"),
        *Stint.objects.order_by("ticket__number", "id").values_list("ticket", "entered_at", "left_at", "response"),
        *ClockEvent.objects.order_by("stint__ticket__number", "id").values_list("stint__ticket", "moment"),
        *Watcher.objects.order_by("ticket__number", "id").values_list("ticket", "person__username", "since"),
        *audit.order_by("target_id", "id").values_list("at", "verb", "after"),
    ]


def generated() -> list[Any]:
    """Generate, dump, and go back."""
    with transaction.atomic():
        generate(Period(20, 1, NOW), 10, 300)
        told = dump()
        transaction.set_rollback(True)
    return told


def test_the_way_of_many_leads_to_the_same_rows(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    told = generated()
    monkeypatch.setattr(tickets, "MANY", 100)
    monkeypatch.setattr(tickets, "A_BATCH", 64)
    assert generated() == told


def test_indexes_and_foreign_keys_are_there_again_as_they_were(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "MANY", 100)
    before = schema()
    generate(Period(20, 1, NOW), 10, 300)
    assert schema() == before
    with filling(Entry):
        assert schema() != before


def test_what_breaks_a_foreign_key_is_refused_at_the_end(db: None) -> None:
    statement = (
        "INSERT INTO incidents_entry (ticket_id, kind, text, at, version, data) "
        "VALUES (gen_random_uuid(), 'comment', '', now(), 1, '{}')"
    )
    with pytest.raises(IntegrityError), transaction.atomic(), filling(Entry), connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_goes_on_ahead_comes_in_order_to_its_end() -> None:
    parts = [lambda: iter(range(0, 50, 2)), lambda: iter(range(1, 50, 2))]
    assert list(ahead(parts)) == list(range(50))
    assert list(ahead([lambda: iter("a"), lambda: iter("bcd")])) == ["a", "b", "c", "d"]


def test_work_ahead_that_fails_is_not_taken_for_done(capfd: pytest.CaptureFixture[str]) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("nothing more")

    with pytest.raises(RuntimeError, match="ended before its work was done"):
        list(ahead([failing]))
    assert "nothing more" in capfd.readouterr().err


ORPHANS = """
import itertools, os, signal
from zbmaint.dashboard.demo.ahead import ahead
for made in ahead([lambda: itertools.repeat(b"x" * 1_000_000)] * 2):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_goes_on_ahead_of_a_process_that_was_killed() -> None:
    # Its output ends when the last of its processes has; otherwise this runs into its time-out.
    ended = subprocess.run([sys.executable, "-c", ORPHANS], cwd=CHECKOUT, capture_output=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
