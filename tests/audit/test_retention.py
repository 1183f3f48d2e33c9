"""Old audit entries are purged, a batch at a time, and never too early."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.checks import Error, run_checks
from django.db import ProgrammingError
from django.utils import timezone

from tests.audit.test_append_only import age
from zbmaint import beat
from zbmaint.audit import retention
from zbmaint.audit.models import AuditEntry


@pytest.mark.django_db
def test_entries_go_when_they_are_older_than_the_setting(settings: Any) -> None:
    settings.AUDIT_RETENTION_DAYS = 1100
    kept, gone = age(1099), age(1101)
    assert retention.purge(timezone.now()) == 1
    assert AuditEntry.objects.filter(pk=kept.pk).exists()
    assert not AuditEntry.objects.filter(pk=gone.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5])
def test_it_goes_on_until_all_batches_are_done(settings: Any, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(rows):
        age(2000)
    young = AuditEntry.objects.filter(at__gt=timezone.now() - dt.timedelta(days=1)).count()
    assert retention.purge(timezone.now()) == rows
    assert AuditEntry.objects.count() == young


@pytest.mark.django_db
def test_a_setting_below_400_days_is_refused_by_the_database(settings: Any) -> None:
    settings.AUDIT_RETENTION_DAYS = 30
    age(100)
    with pytest.raises(ProgrammingError, match="append-only"):
        retention.purge(timezone.now())


@pytest.mark.parametrize(("days", "errors"), [(399, ["zbmaint.E001"]), (400, []), (1100, [])])
def test_the_system_check_says_so_before(settings: Any, days: int, errors: list[str]) -> None:
    settings.AUDIT_RETENTION_DAYS = days
    found = [problem for problem in run_checks() if (problem.id or "").startswith("zbmaint.")]
    assert [problem.id for problem in found] == errors
    assert all(isinstance(problem, Error) and problem.hint for problem in found)


def test_the_ticker_purges_daily() -> None:
    work = {item.name: item for item in beat.registered()}["audit.purge"]
    assert (work.period, work.call) == (dt.timedelta(days=1), retention.purge)
