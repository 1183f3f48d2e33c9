"""RunFilter: the filters of the runs list, as they stand in its URL."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from maintenance.models import Origin, Run, Target
from maintenance.models.run import RunQuerySet
from maintenance.rules.run_search import MAX_ID
from maintenance.rules.run_words import WORDS
from maintenance.tasks.catalog import choices
from zbmaint.access.models import Person
from zbmaint.ui.select import Select

BY = {Origin.PERSON: "anybody, by hand", Origin.COMMAND: "the command line", Origin.SCHEDULE: "a schedule"}


class RunFilter:
    """Reads the filters from a query string. What means nothing is ignored: an old bookmark still opens the list."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.task = query.get("task", "") if query.get("task") in dict(choices()) else ""
        self.target = query.get("target", "").replace("\x00", "")[:60]
        self.state = query.get("state", "") if query.get("state") in WORDS else ""
        by = query.get("by", "")
        self.by = by if by in BY or number(by) else ""

    @property
    def values(self) -> dict[str, str]:
        """The filters in force, by name."""
        given = {"task": self.task, "target": self.target, "state": self.state, "by": self.by}
        return {name: value for name, value in given.items() if value}

    def query(self, **more: str | int) -> str:
        """The query string of these filters and `more`."""
        return urlencode({**self.values, **more})

    def apply(self) -> RunQuerySet:
        """The runs that match, newest first."""
        found = Run.objects.all()
        if self.task:
            found = found.filter(task=self.task)
        if self.target:
            found = found.filter(target__name=self.target)
        if self.state:
            found = found.filter(state=self.state)
        if self.by in BY:
            found = found.filter(origin=self.by)
        elif self.by:
            found = found.filter(requested_by=int(self.by))
        return found.order_by("-id")

    def selects(self) -> list[Select]:
        """The four filters with their choices; two queries."""
        targets = [(target.name, str(target)) for target in Target.objects.all()]
        people = Person.objects.filter(runs_requested__isnull=False).distinct().order_by("username")
        by = [(str(value), label[0].upper() + label[1:]) for value, label in BY.items()]
        return [
            Select("task", "Task", "Any task", choices(), self.task),
            Select("target", "Target", "Any target", targets, self.target),
            Select("state", "State", "Any state", [(key, words.label) for key, words in WORDS.items()], self.state),
            Select(
                "by", "Asked for by", "Asked for by anything", by + [(str(p.pk), p.username) for p in people], self.by
            ),
        ]


def number(text: str) -> int:
    """The row id that `text` holds; 0 when it holds none that the database could have."""
    value = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return value if value <= MAX_ID else 0
