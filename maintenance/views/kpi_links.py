"""Where the points of charts lead: to the rows behind them, with the filters of the page."""

from __future__ import annotations

from urllib.parse import urlencode

from maintenance.forms.kpi_filter import dates_of, narrowing_of
from maintenance.kpis.period import Period
from maintenance.kpis.value import Filters
from maintenance.views.kpi_lines import path_of


class Links:
    """Makes the paths of one page; a page has a thousand of them, which differ in little."""

    def __init__(self, period: Period, filters: Filters) -> None:
        self._period, self._filters = period, filters
        self._dates: dict[Period, str] = {}
        self._tails: dict[tuple[tuple[str, str | int], ...], str] = {}

    def __call__(self, key: str, part: Period | None = None, /, **narrowed: str | int) -> str:
        """The page of a KPI: of a part of the period (None: of all of it), narrowed further than the page is."""
        of, more = part or self._period, tuple(narrowed.items())
        if of not in self._dates:
            self._dates[of] = urlencode(dates_of(of))
        if more not in self._tails:
            query = {**narrowing_of(self._filters), **narrowed}
            self._tails[more] = "".join(f"&{urlencode({name: value})}" for name, value in query.items() if value)
        return f"{path_of(key)}?{self._dates[of]}{self._tails[more]}"
