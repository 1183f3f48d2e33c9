"""What the schedule page shows, read once, and rendered in parts that follow what happens."""

from __future__ import annotations

from django.utils import timezone

from maintenance.models import Category, Freeze
from maintenance.views.agenda import read_agenda
from maintenance.views.page_parts import Parts, drawn
from maintenance.views.schedule_rows import read_schedules
from maintenance.views.story import read_story
from zbmaint.access.models import Person

PARTS = ("errors", "list", "story", "tasks", "freezes", "agenda")
PERMISSIONS = {
    "may_pause": "maintenance.pause_schedule",
    "may_skip": "maintenance.skip_occurrence",
    "may_freeze": "maintenance.add_freeze",
    "may_lift": "maintenance.change_freeze",
    "may_start": "maintenance.start_run",
    "may_edit": "maintenance.change_schedule",
}


def read_parts(person: Person, token: str) -> Parts:
    """Every part of the page as `person` may see it, with `token` against forgery in its forms."""
    now = timezone.now()
    rows = read_schedules(now)
    coming = Freeze.objects.filter(lifted_at__isnull=True, ends_at__gt=now).select_related("made_by")
    freezes = list(coming.prefetch_related("targets", "categories").order_by("begins_at"))
    agenda = read_agenda(rows, freezes, now)
    context = {
        "rows": rows,
        "paused": sum(row.paused for row in rows),
        "wrong": [
            (row.schedule, problem)
            for row in rows
            if (problem := row.schedule.error or agenda.problems.get(row.schedule.pk, ""))
        ],
        "story": read_story(now),
        "agenda": agenda,
        "freezes": [(freeze, freeze.begins_at <= now) for freeze in freezes],
        **{name: person.has_perm(permission) for name, permission in PERMISSIONS.items()},
        "csrf_token": token,
        "now": now,
    }
    return Parts({name: drawn(f"maintenance/schedule/{name}.html", context) for name in PARTS})


def read_categories() -> list[Category]:
    """The kinds of maintenance; one query."""
    return list(Category.objects.all())
