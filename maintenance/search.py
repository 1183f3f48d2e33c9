"""What the search box finds on the machines' floor: a run by its number, the runs of a task by the task's name."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from maintenance.models import Run
from maintenance.rules import run_search
from maintenance.tasks.catalog import choices
from zbmaint.access.models import Person
from zbmaint.ui import jumps, slots

MAY = "maintenance.view_run"
MOST = 4  # tasks that are offered


def run_meant(text: str, person: Person) -> str | None:
    """The page of the run that `text` names, such as `run 12` or `12`."""
    number = run_search.number(text)
    if number is None or not person.has_perm(MAY) or not Run.objects.filter(pk=number).exists():
        return None
    return reverse("run", args=[number])


def runs_of_tasks(request: HttpRequest) -> SafeString | None:
    """The tasks whose names have all the words that are looked for, each with the way to its runs; no query."""
    found = run_search.tasks(request.GET.get("q", ""), dict(choices()))
    if not found or not request.user.has_perm(MAY):
        return None
    return render_to_string("maintenance/search_results.html", {"tasks": found[:MOST]})


jumps.register(run_meant)
slots.register("search_results", runs_of_tasks)
