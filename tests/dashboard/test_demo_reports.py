"""The weekly reports of the demo data."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Sum

from incidents.models import Link, Ticket, TicketDay
from maintenance.actions import weekly_reports
from maintenance.kpis.period import Period as Days
from maintenance.models import Outage, Run, WeeklyReport
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.dashboard.demo import reports
from zbmaint.dashboard.demo.history import generate
from zbmaint.dashboard.demo.period import Period
from zbmaint.notifications.models import Notice
from zbmaint.rollup import rolling

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 4, 8, 11, 30, tzinfo=dt.UTC)


def test_every_week_that_is_over_has_its_report_and_its_run_says_so(people: dict[str, Person]) -> None:
    generate(Period(30, 1, NOW), 70, 30)
    for kind in rolling.kinds():
        rolling.rebuild(kind, None, NOW)
    made = reports.write()
    frozen = list(WeeklyReport.objects.order_by("starts").select_related("run"))
    assert made == len(frozen)
    assert [report.week for report in frozen][-4:] == ["2026-W11", "2026-W12", "2026-W13", "2026-W14"]
    assert all(weekly_reports.is_unchanged(report) and weekly_reports.corrected(report) == {} for report in frozen)
    last = frozen[-1]
    assert last.content == weekly_reports.preview(Days.week("2026-W14"))
    assert last.content["figures"]["tasks_completed"] > 0
    assert last.run is not None
    assert last.run.verdict == "Week 14, 2026 is frozen."
    assert last.frozen_at == last.run.finished_at
    assert AuditEntry.objects.filter(verb="weekly_report_frozen", at=last.frozen_at).count() == 1
    assert not Run.objects.filter(task="weekly_report", state="not_configured").exists()
    assert not Notice.objects.exists()
    _reports_name_the_tickets_of_outages(frozen)
    _days_count_the_tickets_of_outages()


def _reports_name_the_tickets_of_outages(frozen: list[WeeklyReport]) -> None:
    tickets = {link.label: str(link.ticket) for link in Link.objects.filter(kind="outage").select_related("ticket")}
    told = [row["ticket"] for each in frozen for row in each.content["outages"] if row["effect"] != "degraded"]
    assert sorted(told) == sorted(tickets.values())
    assert len(tickets) == Outage.objects.count() == 5


def _days_count_the_tickets_of_outages() -> None:
    whole = TicketDay.objects.filter(tier=0, severity="")
    assert whole.aggregate(opened=Sum("opened"))["opened"] == Ticket.objects.count()
    grave = Ticket.objects.get(links__kind="outage", severity="critical")
    day = TicketDay.objects.filter(day=grave.created_at.date(), severity="critical")
    rows = {row.tier: (row.received, row.escalated, row.responses_met) for row in day.exclude(tier=0)}
    assert rows[1][:2] >= (1, 1)
    assert rows[2] == (1, 0, 1)
