"""The KPIs: page, JSON, CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from maintenance.forms.kpi_filter import KpiFilter
from maintenance.kpis import series
from maintenance.views import kpi_board, kpi_names, kpi_table_files
from maintenance.views.kpi_board import Shown
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.rollup import days
from zbmaint.ui.problems import problem
from zbmaint.ui.spreadsheets import text_cell

BAD_REQUEST, NOT_FOUND, UNPROCESSABLE = 400, 404, 422
MAY = "maintenance.view_runday"


class Asked(NamedTuple):
    """What a request is about; `as_of` is how old the oldest kind of days is."""

    filters: KpiFilter
    shown: Shown
    as_of: dt.datetime | None


def asked(request: SignedIn, *others: str) -> Asked:
    """What a request is about, whose address may have the names `others` too; five queries."""
    names, today = kpi_names.read(), days.day_of(timezone.now())
    filters = KpiFilter(dict(request.GET.lists()), today, names.service_choices(), names.categories, others)
    kinds, as_of = kpi_board.read_editions(filters.period)
    return Asked(filters, Shown(filters.period, filters.filters, filters.query, today, kinds, names), as_of)


@requires(MAY)
@require_GET
@vary_on_headers("HX-Request")  # or "back" in the browser shows a cached fragment as the page
def kpis(request: SignedIn) -> HttpResponse:
    """The page; only its own part when htmx asks for it. 422 with what could be used, when not everything could."""
    filters, shown, as_of = asked(request)
    context = {
        "filters": filters,
        "period": filters.period,
        "selects": filters.selects(),
        "dates": filters.dates.items(),
        "narrowing": filters.narrowing.items(),
        "as_of": as_of,
        "board": kpi_board.rendered(shown),
    }
    status = UNPROCESSABLE if filters.errors else 200
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "maintenance/kpis.html", context, status=status)
    answer = render(request, "maintenance/kpis.html#page", context, status=status)
    answer["HX-Push-Url"] = f"{request.path}?{filters.query}".rstrip("?")
    return answer


@requires(MAY)
@require_GET
def kpis_json(request: SignedIn) -> HttpResponse:
    """Every KPI of `from` to `to` by its key: ratios 0 to 1, lengths in seconds, null where nothing is known."""
    return _exactly(request, lambda shown: JsonResponse(_flat(shown), json_dumps_params={"indent": 2}))


@requires(MAY)
@require_GET
def kpis_csv(request: SignedIn) -> HttpResponse:
    """The same as a table of keys and values; an empty value where nothing is known."""
    return _exactly(request, lambda shown: _file([("key", "value"), *_flat(shown).items()], shown))


@requires(MAY)
@require_GET
def kpi_chart(request: SignedIn, key: str) -> HttpResponse:
    """What one chart draws, as it is."""
    if key not in kpi_board.CHARTS:
        return _missing("chart", key, kpi_board.CHARTS)

    def write(shown: Shown) -> HttpResponse:
        loaded, _, found = kpi_board.gather(shown)
        charts = kpi_board.charts(shown, series.read(shown.period, shown.filters, loaded), found)
        chart = charts[kpi_board.CHARTS.index(key)]
        return _file([chart.columns, *chart.rows], shown, key)

    return _exactly(request, write)


@requires(MAY)
@require_GET
def kpi_table(request: SignedIn, key: str) -> HttpResponse:
    """One table of the page with every row of it, as it is."""
    if key not in kpi_table_files.KEYS:
        return _missing("table", key, kpi_table_files.KEYS)

    def write(shown: Shown) -> HttpResponse:
        return _file(kpi_table_files.written(kpi_board.gather(shown).tables, shown.names, key), shown, key)

    return _exactly(request, write)


def _exactly(request: SignedIn, write: Callable[[Shown], HttpResponse]) -> HttpResponse:
    """The file that `write` makes of what is asked for, or the problem with its address: a program sees no page that
    says what was left out."""
    filters, shown, _ = asked(request)
    if filters.errors:
        return problem(BAD_REQUEST, "The figures that were asked for do not exist", " ".join(filters.errors))
    return write(shown)


def _flat(shown: Shown) -> Mapping[str, object]:
    return kpi_board.values_of(shown.period, shown.filters, shown.editions).flat()


def _missing(what: str, key: str, known: Sequence[str]) -> HttpResponse:
    return problem(
        NOT_FOUND, f"There is no such {what}", f"There is no {what} “{key[:40]}”. Ask for: {', '.join(known)}."
    )


def _file(rows: Sequence[Sequence[object]], shown: Shown, *part: str) -> HttpResponse:
    name = "-".join(("kpis", *part, f"{shown.period.first}", f"{shown.period.last}.csv"))
    buffer = io.StringIO(newline="")
    # A number is written as Python writes it, as in JSON: to the last digit.
    csv.writer(buffer).writerows([[_cell(cell) for cell in row] for row in rows])
    answer = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _cell(value: object) -> object:
    """What is not known is empty; names that people gave are text for a spreadsheet too, and no formula."""
    return "" if value is None else text_cell(value) if isinstance(value, str) else value
