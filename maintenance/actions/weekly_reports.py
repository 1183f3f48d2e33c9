"""Weekly reports are frozen here, once each, and sent."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from maintenance import alerts, notices
from maintenance.kpis import week
from maintenance.kpis.period import Period
from maintenance.models import WeeklyReport
from maintenance.rules import sealing, weeks
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.queue.locks import transaction_lock
from zbmaint.rollup import days, rolling
from zbmaint.ui.words import day

log = structlog.get_logger(__name__)
# Addresses that one deed writes to at most.
MOST_ADDRESSES = 50


class ReportRefused(Exception):
    """What was asked of a weekly report cannot be done. The message is for people."""


def period_of(name: str) -> Period:
    """The week of a name such as 2026-W14. Raises ReportRefused when there is none."""
    try:
        return Period.week(name)
    except ValueError as problem:
        raise ReportRefused(str(problem)) from None


def why_not(period: Period, now: dt.datetime) -> str:
    """Why nothing can be said of a week, in a sentence; empty when something can."""
    first = week.first_day()
    if first is None:
        return "Nothing has been put together by day yet; the ticker does it every minute."
    if period.last < first:
        return f"There is no data of {weeks.name_of(period.first)}: the first is of {day(first)}."
    if period.begins > now:
        return f"{weeks.name_of(period.first)} has not begun: it begins on {day(period.first)}."
    return ""


def bring_up_to_date(now: dt.datetime) -> None:
    """Roll up what is not, so that nothing is missing in what is frozen then. Raises ReportRefused when it fails."""
    try:
        rolling.roll_stale(now)
    except Exception as problem:
        log.exception("weekly_report.not_rolled_up")
        says = str(problem) if isinstance(problem, rolling.RollRefused) else f"{type(problem).__name__}; see the log"
        raise ReportRefused(f"The days are not put together completely, so nothing was frozen: {says}") from problem


def freeze(period: Period, now: dt.datetime, *, run: int | None = None, tell: bool = True) -> WeeklyReport:
    """The frozen report of a week; it is made when there is none yet. With `tell`, that of the latest week is sent.

    Days must be up to date (`bring_up_to_date`). Raises ReportRefused for a week that is not over or without data.
    """
    if now < period.ends:
        raise ReportRefused(f"{weeks.name_of(period.first)} is not over: it ends on {day(period.last)}.")
    if problem := why_not(period, now):
        raise ReportRefused(problem)
    with transaction.atomic():
        transaction_lock(f"weekly_report:{period.first}")
        there = WeeklyReport.objects.filter(starts=period.first).first()
        return there or _freeze(period, now, run, tell=tell)


def _freeze(period: Period, now: dt.datetime, run: int | None, *, tell: bool) -> WeeklyReport:
    # As it is read back, so that the digest is of that.
    content = json.loads(sealing.canonical(week.content(period, alerts)))
    report = WeeklyReport.objects.create(
        week=weeks.name_of(period.first),
        starts=period.first,
        frozen_at=now,
        content=content,
        digest=sealing.digest(content),
        run_id=run,
    )
    record("weekly_report_frozen", report, None, after={"week": report.week, "digest": report.digest, "run": run})
    if tell and period.first == weeks.last_over(days.day_of(now)):
        notices.weekly_report(report)
    return report


def as_json(report: WeeklyReport) -> dict[str, Any]:
    """The report for files: what was frozen, when, and its digest, which is that of `content` in its canonical form.

    Figures are in the order of the catalogue, which the database does not keep.
    """
    return {
        "week": report.week,
        "week_starting": report.starts.isoformat(),
        "frozen_at": report.frozen_at.isoformat(),
        "digest": report.digest,
        "content": {name: _in_order(part, report.content["method"]) for name, part in report.content.items()},
    }


def _in_order(part: Any, method: Sequence[Mapping[str, str]]) -> Any:
    """A part of the content; one that has a value for each KPI with these in order, behind what else it has."""
    keys = [row["key"] for row in method]
    if not isinstance(part, dict) or not keys or keys[0] not in part:
        return part
    beside = sorted(set(part) - set(keys))
    return {key: part[key] for key in (*beside, *keys) if key in part}


def is_unchanged(report: WeeklyReport) -> bool:
    """Whether a report is what it was when it was frozen."""
    return sealing.digest(report.content) == report.digest


def owed(now: dt.datetime) -> tuple[list[Period], int]:
    """The weeks that are over and not frozen, the earliest first, and how many older ones are left as they are."""
    frozen = set(WeeklyReport.objects.values_list("starts", flat=True))
    mondays, left = weeks.owed(week.first_day(), days.day_of(now), frozen)
    return [Period(monday, monday + weeks.A_WEEK - days.A_DAY) for monday in mondays], left


def preview(period: Period) -> dict[str, Any]:
    """What would be frozen now. Of a week that is not over what is known so far, compared with nothing."""
    content = week.content(period, alerts, compared=timezone.now() >= period.ends)
    found: dict[str, Any] = json.loads(sealing.canonical(content))
    return found


def corrected(report: WeeklyReport) -> dict[str, tuple[Any, Any]]:
    """The KPIs of which something was corrected since the report was frozen: by key, then and now."""
    return week.corrected(report.content, Period.week(report.week))


@dataclass(frozen=True)
class Sent:
    """To whom a report goes now, and who had it already."""

    addresses: list[str]
    had: list[str]


@transaction.atomic
def send(report: WeeklyReport, addresses: Sequence[str], *, actor: Person) -> Sent:
    """Send a frozen report to addresses, each once. Raises ReportRefused without any, with too many or a wrong one."""
    wanted = list({address.strip().lower(): address.strip() for address in addresses if address.strip()}.values())
    if not wanted:
        raise ReportRefused("Write at least one e-mail address.")
    if len(wanted) > MOST_ADDRESSES:
        raise ReportRefused(f"That are {len(wanted)} addresses. Send to at most {MOST_ADDRESSES} at a time.")
    for address in wanted:
        _check(address)
    transaction_lock(f"weekly_report:{report.starts}")
    had = notices.have_weekly_report(report)
    new = [address for address in wanted if address.lower() not in had]
    notices.weekly_report_to(report, new, because=f"{actor} sent it to you.", at=timezone.now())
    if new:
        record("weekly_report_sent", report, actor, after={"week": report.week, "to": new})
    return Sent(new, [address for address in wanted if address.lower() in had])


def _check(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError:
        raise ReportRefused(f"“{address[:60]}” is no e-mail address. Write one on each line.") from None
