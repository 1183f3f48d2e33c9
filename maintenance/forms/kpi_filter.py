"""KpiFilter: of which days and of what the KPIs are read, as it stands in a URL."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from incidents.models import Severity
from incidents.rules import tiers
from maintenance.forms.run_filter import number
from maintenance.kpis.period import Period
from maintenance.kpis.value import Filters
from maintenance.models import RunDay
from maintenance.tasks.catalog import choices, title_of
from zbmaint.rollup import days
from zbmaint.ui.select import Select

USUAL: Final = "30"
# What a period may be called, with how it is made of the last day that is over.
RANGES: Final[dict[str, tuple[str, Callable[[dt.date], Period]]]] = {
    "7": ("7 days", lambda last: Period.until(last, 7)),
    "30": ("30 days", lambda last: Period.until(last, 30)),
    "90": ("90 days", lambda last: Period.until(last, 90)),
    "quarter": ("Quarter", Period.quarter),
}
# What an address may say, of the period and of what narrows it.
DATES: Final = ("range", "week", "from", "to")
NAMES: Final = (*DATES, "task", "category", "tier", "severity", "service")
MOST_NAMED: Final = 30
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Choices = Sequence[tuple[str, str]]


class KpiFilter:
    """Reads period and filters from a query string, on the day `today`. Named ranges end with the day before.

    What means nothing is a sentence in `errors`, and what usually stands there is meant: the page still opens, and says
    so. `query` has every value of each name, of which the last counts; it may have the names `others` besides, which
    are not read here. `services` and `categories` are (value, label). One query, for a task that no version knows.
    """

    def __init__(
        self,
        query: Mapping[str, Sequence[str]],
        today: dt.date,
        services: Choices,
        categories: Choices,
        others: Sequence[str] = (),
    ) -> None:
        self.errors = _strays(query, (*NAMES, *others))
        self.today = today
        self._query = {name: given[-1].replace("\x00", "�") for name, given in query.items() if given}
        self._services, self._categories, self._tasks = services, categories, list(choices())
        self.range = ""
        self.period = self._read_period()
        self.filters = self._read_filters()

    def _read_period(self) -> Period:
        """Own dates go before the name of a range, unless they are its dates: a form sends both."""
        given = self._given("range") or USUAL
        if given not in RANGES:
            self.errors.append(f"There is no range “{given[:20]}”. Choose one of: {', '.join(RANGES)}.")
            given = USUAL
        usual = RANGES[given][1](self.today - days.A_DAY)
        try:
            own = self._own_period()
        except ValueError as problem:
            self.errors.append(str(problem))
            own = None
        if own is None or own == usual:
            self.range = given
            return usual
        return own

    def _own_period(self) -> Period | None:
        first, last = self._given("from"), self._given("to")
        if week := self._given("week"):
            if first or last:
                self.errors.append("Give a week, or a first and a last day, not both.")
            return Period.week(week)
        if not first and not last:
            return None
        if not first or not last:
            raise ValueError(f"The {'last' if first else 'first'} day is missing. Give both, as 2026-04-05.")
        return Period.asked(_date(first), _date(last))

    def _read_filters(self) -> Filters:
        task = self._given("task")
        if task and task not in dict(self._tasks) and RunDay.objects.filter(task=task[:60]).exists():
            self._tasks.append((task, title_of(task)))  # it was renamed or retired, and its history is kept
        numbers = [(str(tier), f"Tier {tier}") for tier in tiers.NUMBERS]
        return Filters(
            task=self._one_of("task", self._tasks),
            category=self._one_of("category", self._categories),
            tier=number(self._one_of("tier", numbers)),
            severity=self._one_of("severity", Severity.choices),
            service=number(self._one_of("service", self._services)),
        )

    def _one_of(self, name: str, known: Choices) -> str:
        value = self._given(name)
        if value and value not in dict(known):
            some = ", ".join(key for key, _ in known[:MOST_NAMED])
            more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
            self.errors.append(f"There is no {name} “{value[:60]}”. Choose one of: {some or 'none yet'}{more}.")
            return ""
        return value

    def _given(self, name: str) -> str:
        return self._query.get(name, "").strip()

    @property
    def values(self) -> dict[str, str]:
        """Period and filters in force, by the names that they have in the URL; what is usual has none."""
        return {name: value for name, value in {**self.dates, **self.narrowing}.items() if value}

    @property
    def dates(self) -> dict[str, str]:
        """The period, as the URL has it."""
        if self.range:
            return {"range": "" if self.range == USUAL else self.range}
        return dates_of(self.period)

    @property
    def narrowing(self) -> dict[str, str]:
        """The filters, as the URL has them; empty those that are not in force."""
        return narrowing_of(self.filters)

    @property
    def query(self) -> str:
        """The query string of period and filters."""
        return urlencode(self.values)

    @property
    def exact(self) -> str:
        """The same with the dates, whatever the period is called: what a file is asked for by."""
        return self.query_of(self.period)

    def query_of(self, period: Period) -> str:
        """The query string of another period with these filters."""
        return self._encoded(dates_of(period))

    def _encoded(self, dates: dict[str, str]) -> str:
        return urlencode({name: value for name, value in {**dates, **self.narrowing}.items() if value})

    def without_filters(self) -> str:
        """The query string of the period alone."""
        return urlencode({name: value for name, value in self.dates.items() if value})

    @property
    def narrows(self) -> bool:
        """Whether any filter is in force."""
        return self.filters != Filters()

    @property
    def before(self) -> str:
        """The query string of the period before this one."""
        return self.query_of(self.period.previous())

    @property
    def after(self) -> str:
        """The query string of the period after this one; empty when it has not begun."""
        following = self.period.following()
        return "" if following.first > self.today else self.query_of(following)

    def presets(self) -> list[tuple[str, str, bool]]:
        """The named ranges: text, query string, whether it is chosen. The last is the last ISO week that is over."""
        named = [
            (text, self._encoded({"range": "" if key == USUAL else key}), self.range == key)
            for key, (text, _) in RANGES.items()
        ]
        monday = self.today - (self.today.isoweekday() + 6) * days.A_DAY
        week = Period.until(monday + 6 * days.A_DAY, 7)
        return [*named, ("Last week", self.query_of(week), self.period == week and not self.range)]

    def selects(self) -> list[Select]:
        """The filters with their choices."""
        numbers = [(str(tier), f"Tier {tier}") for tier in tiers.NUMBERS]
        chosen = self.narrowing
        return [
            Select("task", "Task", "Any task", self._tasks, chosen["task"]),
            Select("category", "Category", "Any category", self._categories, chosen["category"]),
            Select("tier", "Tier", "Any tier", numbers, chosen["tier"]),
            Select("severity", "Severity", "Any severity", Severity.choices, chosen["severity"]),
            Select("service", "Service", "The system", self._services, chosen["service"]),
        ]


def narrowing_of(filters: Filters) -> dict[str, str]:
    """Filters as a URL has them; empty those that are not in force."""
    return {
        "task": filters.task,
        "category": filters.category,
        "tier": str(filters.tier or ""),
        "severity": filters.severity,
        "service": str(filters.service or ""),
    }


def dates_of(period: Period) -> dict[str, str]:
    """A period as a URL has it: an ISO week by its name, other days by the first and the last."""
    if period.week_starting:
        return {"week": f"{period.first:%G-W%V}"}
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _strays(given: Mapping[str, Sequence[str]], known: Sequence[str]) -> list[str]:
    """Sentences on names that mean nothing, or are there more than once."""
    unknown = [name for name in given if name not in known]
    found = [f"There is no “{name[:20]}”. An address may have: {', '.join(known)}." for name in unknown[:1]]
    twice = [name for name in known if len(given.get(name, ())) > 1]
    return [*found, *(f"“{name}” is there {len(given[name])} times. Give it once." for name in twice)]


def _date(text: str) -> dt.date:
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"“{text[:20]}” is not a day. Write it as 2026-04-05.")
