"""The schedule page as text, and the ends of a night, for tests."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from maintenance.models import Occurrence, Origin, Schedule
from tests.maintenance.made import make_run

PAGE = "/schedule/"


def settle(schedule: Schedule, at: int, state: str, reason: str = "", run_state: str = "", **run: Any) -> Occurrence:
    """Give the task number `at` of the last night an end."""
    row = schedule.occurrences.order_by("-due_at", "position")[at]
    made = make_run(run_state, origin=Origin.SCHEDULE, task=row.task, **run) if run_state else None
    Occurrence.objects.filter(pk=row.pk).update(state=state, reason=reason, run=made, decided_at=row.due_at)
    row.refresh_from_db()
    return row


def read(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def text(html: str) -> str:
    return re.sub(r" (?=[,:.])", "", " ".join(re.sub(r"<[^>]+>", " ", html).split()))


def part(html: str, name: str) -> str:
    """One of the parts that follow what happens."""
    found = re.search(rf'<div class="part" id="part-{name}">.*?<input type="hidden" name="seen"', html, re.S)
    assert found is not None
    return text(found.group())
