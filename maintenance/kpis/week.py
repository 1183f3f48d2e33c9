"""The content of a weekly report: the figures of the week with those of the week before, and what is behind them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db.models import Min

from incidents.models import TicketDay
from maintenance.kpis import values, week_events, week_tables
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.period import Period
from maintenance.kpis.values import Values
from maintenance.kpis.week_events import TicketFinder
from maintenance.kpis.week_gaps import gaps
from maintenance.models import RunDay, ServiceDay
from maintenance.rules import weekly_summary
from maintenance.rules.figure_words import minus
from maintenance.rules.weeks import name_of

SCHEMA: Final = 1
# What the flat figures hold besides KPIs.
OF_THE_PERIOD: Final = frozenset({"from", "to", "week_starting"})


def first_day() -> dt.date | None:
    """The first day of which anything is rolled up; None before that."""
    firsts = (model.objects.aggregate(first=Min("day"))["first"] for model in (RunDay, TicketDay, ServiceDay))
    return min((first for first in firsts if first is not None), default=None)


def content(period: Period, finder: TicketFinder, *, compared: bool = True) -> dict[str, Any]:
    """All of the report of a week, ready for JSON: times in ISO 8601 (UTC), lengths in seconds, rates from 0 to 1, null
    where nothing is known. `figures` are the KPIs as `/kpis.json` gives them for these days.

    The same rows give the same content: what the clock says is not in it. Of a week that is not over `compared` is
    false: with a whole week its days would be compared falsely, so nothing of the week before is known in it.
    """
    first = first_day()
    earlier = period.previous() if compared else None
    now, before = values.read(period), _before(earlier, first)
    titles = week_tables.titles_of_tasks()
    troubles, more_troubles = week_events.troubles(period, titles, finder)
    outages, more_outages = week_events.outages(period, finder)
    found = {
        **_about(period),
        "first_data": first.isoformat() if first else None,
        "figures": now.flat(),
        "n": {key: now[key].n for key in KPIS},
        "before": before.flat() if before else None,
        "before_n": {key: before[key].n for key in KPIS} if before else None,
        "changes": changes(now, before),
        "tasks": week_tables.tasks(period, earlier, titles),
        "tiers": week_tables.tiers(period, earlier),
        "services": week_tables.services(period, earlier),
        "outages": outages,
        "outages_left_out": more_outages,
        "troubles": troubles,
        "troubles_left_out": more_troubles,
        "erasures": week_events.erasures(period),
        "unmeasured": _unmeasured(period),
        "method": method(),
    }
    return {**found, "summary": weekly_summary.sentences(found)}


def _about(period: Period) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "week": name_of(period.first),
        "week_starting": period.first.isoformat(),
        "begins": period.begins.isoformat(),
        "ends": period.ends.isoformat(),
        "hours": (period.ends - period.begins).total_seconds() / 3600,
        "zone": settings.REPORT_TIME_ZONE,
    }


def _before(earlier: Period | None, first: dt.date | None) -> Values | None:
    """The week before; None when all of it was before the first data, or when nothing is compared with it."""
    return None if earlier is None or first is None or earlier.last < first else values.read(earlier)


def changes(now: Values, before: Values | None) -> dict[str, int | float | None]:
    """What each KPI is more than in the week before; null when one of them is not known."""
    return {key: minus(now[key].value, before[key].value) if before else None for key in KPIS}


def _unmeasured(period: Period) -> dict[str, Any]:
    found, more = gaps(period)
    tickets, more_tickets = week_events.left_out_tickets(period)
    return {"gaps": found, "gaps_left_out": more, "tickets": tickets, "tickets_left_out": more_tickets}


def method() -> list[dict[str, str]]:
    """How each figure is made, and what does not count in it."""
    return [
        {"key": kpi.key, "name": kpi.name, "unit": kpi.unit, "formula": kpi.formula, "excluded": kpi.excluded}
        for kpi in KPIS.values()
    ]


def corrected(frozen: dict[str, Any], period: Period) -> dict[str, tuple[Any, Any]]:
    """The KPIs that are not what they were when the report was frozen: by key then and now. Those that are new since
    are left out."""
    then, now = frozen["figures"], values.read(period).flat()
    return {
        key: (then[key], value)
        for key, value in now.items()
        if key in then and key not in OF_THE_PERIOD and then[key] != value
    }
