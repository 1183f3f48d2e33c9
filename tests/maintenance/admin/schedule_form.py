"""The form of a schedule as a browser sends it, and reading what comes back."""

from __future__ import annotations

import re

from django.test import Client

from maintenance.models import Category, Schedule

Values = dict[str, object]
LIST, ADD = "/admin/maintenance/schedule/", "/admin/maintenance/schedule/add/"


def page_of(schedule: Schedule) -> str:
    return f"{LIST}{schedule.pk}/change/"


def of_task(number: int, task: str, **more: object) -> Values:
    """The fields of the task form of that number."""
    given: Values = {
        "id": "",
        "position": number + 1,
        "task": task,
        "label": "",
        "target": "",
        "parameters": "",
        "lateness_minutes": 60,
        "timeout_minutes": "",
        "retries": 0,
        "catch_up": "latest",
        "lock_groups": "",
    }
    return {f"tasks-{number}-{name}": value for name, value in {**given, **more}.items()}


def form(*tasks: Values, known: int = 0, **more: object) -> Values:
    """What a browser sends for a schedule; the first `known` of its tasks have rows."""
    given: Values = {
        "name": "Nightly work",
        "key": "nightly-work",
        "category": Category.objects.get(key="preventive").pk,
        "rank": 0,
        "when": "daily 02:00",
        "time_zone": "UTC",
        "pause_reason": "",
        "paused_until": "",
        "overlap": "skip",
        "window_from": "",
        "window_to": "",
        "tasks-TOTAL_FORMS": len(tasks),
        "tasks-INITIAL_FORMS": known,
    }
    for task in tasks:
        given |= task
    return given | more


def mark_on(client: Client, path: str) -> str:
    """The mark that a page of admin is opened with."""
    return found_mark(client.get(path).content.decode())


def found_mark(html: str) -> str:
    """The mark in a page of admin."""
    found = re.search(r'type="hidden" name="seen" value="([0-9a-f]{16})"', html)
    assert found is not None
    return found[1]


def known_form(schedule: Schedule, **more: object) -> Values:
    """The form of `schedule` as it is."""
    rows = list(schedule.tasks.filter(retired_at__isnull=True))
    tasks = [
        of_task(at, row.task, id=row.pk, label=row.label, target=row.target_id or "", position=row.position)
        for at, row in enumerate(rows)
    ]
    same = {"name": schedule.name, "key": schedule.key, "when": schedule.when, "rank": schedule.rank}
    return form(*tasks, known=len(rows), **{**same, "schedule": schedule.pk}, **more)


def text_of(html: str) -> str:
    plain = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    return plain.replace("&#x27;", "'").replace("&quot;", '"')


def told(client: Client, path: str, values: Values) -> str:
    """Send a form and read the page that it leads to."""
    answer = client.post(path, values, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def error_at(html: str, field: str) -> str:
    """The errors at a field."""
    found = re.search(rf'<ul class="errorlist" id="id_{field}_error">(.*?)</ul>', html, re.S)
    return text_of(found.group(1)) if found else ""
