"""FindingFilter: the filters of the findings list, as they stand in its URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from maintenance.forms.run_filter import number
from maintenance.models import Finding, Severity, Target
from maintenance.tasks.catalog import choices
from zbmaint.ui.select import Select
from zbmaint.ui.words import label

State = Finding.State
STATES = (State.NEW, State.ONGOING, State.ACCEPTED, State.RESOLVED)
LONGEST_TEXT = 100
LAST_PAGE = 100_000


class FindingFilter:
    """Reads the filters from a query string; two queries.

    What means nothing is an error in `errors`, never left out: a list that silently shows everything would be believed.
    """

    def __init__(self, query: Mapping[str, str]) -> None:
        self.errors: list[str] = []
        self._targets = [(target.name, str(target)) for target in Target.objects.all()]
        self._kinds = sorted(Finding.objects.order_by().values_list("kind", flat=True).distinct())
        self._query = query
        self.state = self._one_of("state", [str(state) for state in STATES])
        self.severity = self._one_of("severity", [str(severity) for severity in Severity])
        self.target = self._one_of("target", [name for name, _ in self._targets])
        self.task = self._one_of("task", [key for key, _ in choices()])
        self.kind = self._one_of("kind", self._kinds)
        self.text = self._read_text()
        self.page = self._read_page()

    def _one_of(self, name: str, known: list[str]) -> str:
        value = self._query.get(name, "")
        if value and value not in known:
            meant = value.replace("\x00", "")[:60]
            self.errors.append(f"There is no {name} “{meant}”. Choose one of: {', '.join(known) or 'none yet'}.")
            return ""
        return value

    def _read_text(self) -> str:
        text = self._query.get("q", "").strip()
        if "\x00" in text:
            self.errors.append("The text to look for holds a character that no finding can hold.")
        elif len(text) > LONGEST_TEXT:
            self.errors.append(f"The text to look for has {len(text):,} characters; at most {LONGEST_TEXT} are used.")
        else:
            return text
        return ""

    def _read_page(self) -> int:
        given = self._query.get("page", "1")
        page = number(given)
        if not 1 <= page <= LAST_PAGE:
            self.errors.append(f"There is no page “{given[:20]}”. Pages begin at 1.".replace("\x00", ""))
            return 1
        return page

    @property
    def values(self) -> dict[str, str]:
        """The filters in force, by the names that they have in the URL."""
        given = {"state": self.state, **self._without_state()}
        return {name: value for name, value in given.items() if value}

    def _without_state(self) -> dict[str, str]:
        return {
            "severity": self.severity,
            "target": self.target,
            "task": self.task,
            "kind": self.kind,
            "q": self.text,
        }

    @property
    def narrows(self) -> bool:
        """Whether any filter but the state is in force."""
        return any(self._without_state().values())

    def query(self, **more: str | int) -> str:
        """The query string of these filters and `more`; an empty value takes a filter out."""
        return urlencode({name: value for name, value in {**self.values, **more}.items() if value})

    def apply(self) -> QuerySet[Finding]:
        """The findings that match, of every state, in no order."""
        found = Finding.objects.order_by()
        exact: dict[str, Callable[[str], Q]] = {
            "severity": lambda value: Q(severity=value),
            "target": lambda value: Q(target__name=value),
            "task": lambda value: Q(task=value),
            "kind": lambda value: Q(kind=value),
            "q": lambda value: Q(title__icontains=value) | Q(subject__icontains=value) | Q(detail__icontains=value),
        }
        for name, value in self._without_state().items():
            if value:
                found = found.filter(exact[name](value))
        return found

    def selects(self) -> list[Select]:
        """The filters that are chosen from, with their choices."""
        severities = [(str(value), text) for value, text in Severity.choices]
        kinds = [(kind, label(kind)) for kind in self._kinds]
        return [
            Select("severity", "Severity", "Any severity", severities, self.severity),
            Select("target", "Target", "Any target", self._targets, self.target),
            Select("task", "Found by", "Any task", choices(), self.task),
            Select("kind", "Kind", "Any kind", kinds, self.kind),
        ]
