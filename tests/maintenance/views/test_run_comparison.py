"""A run beside the one before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from maintenance.models import Finding, FindingSighting, Run
from maintenance.rules import run_states
from maintenance.views.run_comparison import compare
from tests.maintenance.made import add_finding, make_run

pytestmark = pytest.mark.django_db


def fact(key: str, value: Any, unit: str = "") -> dict[str, Any]:
    return {"key": key, "label": key.title(), "value": value, "unit": unit, "note": ""}


def run_with(*facts: dict[str, Any], **given: Any) -> Run:
    return make_run(given.pop("state", run_states.WARNING), facts=list(facts), report={"status": "completed"}, **given)


def sighted(run: Run) -> list[FindingSighting]:
    return list(run.sightings.select_related("finding"))


def test_figures_are_compared_by_their_key_in_their_unit() -> None:
    run_with(fact("size", 2048, "bytes"), fact("removed", 12_000), fact("waited", 90, "seconds"), fact("old", 1))
    run = run_with(fact("size", 1024, "bytes"), fact("removed", 12_000), fact("waited", 95, "seconds"), fact("new", 1))
    run.started_at = run.finished_at and run.finished_at - dt.timedelta(minutes=2)
    compared = compare(run, [])
    assert compared is not None
    assert [(line.label, line.before, line.now, line.change) for line in compared.lines] == [
        ("Took", "11m 58s", "2m", "−9m 58s"),
        ("Size", "2.00 KiB", "1.00 KiB", "−1.00 KiB"),
        ("Removed", "12,000", "12,000", "0"),
        ("Waited", "1m 30s", "1m 35s", "+5s"),
    ]


def test_findings_came_stayed_and_went() -> None:
    before = run_with()
    went = add_finding(before, subject="a", title="Gone by now")
    unseen = add_finding(before, subject="b", title="Not looked for")
    stayed = add_finding(before, subject="c")
    Finding.objects.filter(pk=went.pk).update(state=Finding.State.RESOLVED, resolved_at=timezone.now())
    run = run_with()
    FindingSighting.objects.create(finding=stayed, run=run, state="ongoing", severity="high")
    add_finding(run, subject="d")
    compared = compare(run, sighted(run))
    assert compared is not None
    assert (compared.came, compared.stayed, compared.gone) == (1, 1, [went])
    assert unseen not in compared.gone


@pytest.mark.parametrize("state", [run_states.RUNNING, run_states.SKIPPED, run_states.FAILED, run_states.TIMED_OUT])
def test_without_work_there_is_nothing_to_compare(state: str) -> None:
    run_with()
    assert compare(make_run(state, report={"status": "failed"}), []) is None


def test_a_run_that_failed_is_passed_over() -> None:
    first = run_with()
    run_with(state=run_states.FAILED)
    compared = compare(run_with(), [])
    assert compared is not None
    assert compared.previous == first


def test_a_dry_run_and_another_target_or_task_are_not_the_run_before() -> None:
    run_with(dry_run=True)
    run_with(task="index_maintenance")
    run_with(target=None)
    assert compare(run_with(), []) is None


def test_the_page_shows_it_in_one_query_more(
    client_as: Callable[[str], Client], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    viewer = client_as("viewer")
    first = run_with(fact("size", 1, "bytes"))
    run = run_with(fact("size", 2, "bytes"))
    with django_assert_num_queries(12):
        without = viewer.get(f"/runs/{first.pk}/").content.decode()
    with django_assert_num_queries(13):
        html = viewer.get(f"/runs/{run.pk}/").content.decode()
    assert 'id="run-comparison" hidden' in without
    assert f'<a href="/runs/{first.pk}/">Run {first.pk}</a>' in html
    assert "Findings: 0 came, 0 stayed, 0 gone" in html
