"""One KPI, or the load of one person: what it is, and the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from maintenance.forms.run_filter import number
from maintenance.kpis import behind, service_reading, tables, values
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.kpi import Kpi
from maintenance.kpis.values import Sources
from maintenance.views import kpi_found, kpi_tables
from maintenance.views.kpi_board import Shown
from maintenance.views.kpi_found import FoundPage
from maintenance.views.kpi_lines import line_of
from maintenance.views.kpis import MAY, UNPROCESSABLE, asked
from zbmaint.access.decorators import requires
from zbmaint.access.models import Person
from zbmaint.access.requests import SignedIn
from zbmaint.rollup import days

# What an address says, besides period and filters: which part of the rows, and which page of it.
PLACES: Final = ("part", "page")


@dataclass(frozen=True)
class Tab:
    """A part of the rows, with how many there are."""

    title: str
    query: str
    count: int
    chosen: bool


@requires(MAY)
@require_GET
def kpi(request: SignedIn, key: str) -> HttpResponse:
    """The page of a KPI. 422 with what could be used, when not everything in the address could."""
    if key not in KPIS:
        raise Http404(f"There is no KPI {key}.")
    filters, shown, _ = asked(request, *PLACES)
    sources, found = values.gather(shown.period, shown.filters), KPIS[key]
    now, before = sources.values(), values.read(shown.period.previous(), shown.filters)
    service = shown.names.service(shown.filters.service) if shown.filters.service else None
    context = {
        "filters": filters,
        "period": shown.period,
        "line": line_of(found, now, before, service.slo if service else None),
        "n": now[key].n,
        "narrowed": filters.narrows,
        **_behind(found, sources, shown, request),
    }
    status = UNPROCESSABLE if filters.errors else 200
    return render(request, "maintenance/kpi.html", context, status=status)


@requires(MAY)
@require_GET
def kpi_person(request: SignedIn, person_id: int) -> HttpResponse:
    """What is behind the load of a person. 422 with what could be used, when not everything in the address could."""
    person = get_object_or_404(Person, pk=person_id)
    filters, shown, _ = asked(request, *PLACES)
    context = {
        "person": person.name or person.username,
        "filters": filters,
        "period": shown.period,
        "formula": kpi_tables.LOAD,
        "excluded": kpi_tables.NO_LOAD,
        **_listed(behind.of_person(person, shown.period), shown, request),
    }
    return render(request, "maintenance/kpi_person.html", context, status=UNPROCESSABLE if filters.errors else 200)


def _behind(found: Kpi, sources: Sources, shown: Shown, request: SignedIn) -> dict[str, Any]:
    """What the figure is made of: rows in parts, or services."""
    period, filters = shown.period, shown.filters
    if found.rows == "services":
        rows = tables.service_rows(sources.uptime.services)
        if found.key != "uptime_coverage":
            rows = [row for row in rows if row.net is not None]
        return {"table": kpi_tables.services(rows, shown.names, shown.dates, in_all=len(rows))}
    erasures = service_reading.erasures(period.first, period.last, filters.service) if found.rows == "outages" else []
    return {"erasures": erasures, **_listed(behind.parts(found.key, period, filters), shown, request)}


def _listed(parts: list[behind.Part], shown: Shown, request: SignedIn) -> dict[str, Any]:
    """A page of one part, and the way to the others."""
    hidden = {part.kind for part in parts if not _may_see(request.user, part)}
    if hidden or not parts:
        return {"hidden": bool(hidden)}
    counts = [part.rows.count() for part in parts]
    at = min(number(request.GET.get("part", "")), len(parts) - 1)
    page = max(1, min(number(request.GET.get("page", "1")), -(-counts[at] // kpi_found.PAGE_SIZE)))
    tabs = [Tab(part.title, _query(shown, part=place), counts[place], place == at) for place, part in enumerate(parts)]
    listed = kpi_found.read(parts[at], page, counts[at])
    whole = days.whole_since(parts[at].kept_days, timezone.now())
    gone = whole if shown.period.first < whole else None
    return {"tabs": tabs, "page": listed, "part": parts[at], "gone_before": gone, **_walk(shown, at, listed)}


def _walk(shown: Shown, at: int, listed: FoundPage) -> dict[str, str]:
    """The ways to the pages before and after; empty where there is none."""
    return {
        "newer": _query(shown, part=at, page=listed.number - 1) if listed.number > 1 else "",
        "older": _query(shown, part=at, page=listed.number + 1) if listed.has_next else "",
    }


def _query(shown: Shown, **more: int) -> str:
    given = "&".join(f"{name}={value}" for name, value in more.items())
    return f"{shown.query}&{given}" if shown.query else given


def _may_see(person: Person, part: behind.Part) -> bool:
    return person.has_perm(kpi_found.MAY[part.kind])
