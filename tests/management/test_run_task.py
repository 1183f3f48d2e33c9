"""`manage.py run_task`: its words and its exit statuses, which others script against."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from maintenance.actions import runs
from maintenance.models import Origin, Run, Target
from maintenance.task import Context, Outcome, TaskFailed
from tests.maintenance.toys import with_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]


def call(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("run_task", *arguments, stdout=out)
    return int(str(end.value.code)), out.getvalue()


def failing(_context: Context) -> Outcome:
    raise TaskFailed("The disk is full: free 2 GB.")


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome("succeeded", "Fine."), 0),
        (Outcome("warning", "Hm."), 3),
        (Outcome("failed", "No."), 1),
        (Outcome("not_configured", "Give it a folder."), 4),
    ],
)
def test_the_exit_status_says_how_the_run_ended(monkeypatch: pytest.MonkeyPatch, outcome: Outcome, status: int) -> None:
    with_task(monkeypatch, lambda _: outcome)
    assert call("toy") == (
        status,
        f"Run {Run.objects.get().pk}: {Run.objects.get().get_state_display()}. {outcome.verdict}\n",
    )


def test_a_failure_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with_task(monkeypatch, failing)
    status, text = call("toy")
    assert status == 1
    assert "free 2 GB" in text


def test_json_prints_the_report_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(context: Context) -> Outcome:
        context.log("noise that must not reach stdout")
        context.report(status="completed", size=context.parameters["size"])
        return Outcome("succeeded", "Fine.")

    with_task(monkeypatch, work)
    status, text = call("toy", "--json", "--param", "size=3")
    assert (status, json.loads(text)) == (0, {"status": "completed", "size": 3, "findings": []})


def test_work_under_way_skips_with_5(monkeypatch: pytest.MonkeyPatch) -> None:
    task = with_task(monkeypatch)
    runs.request(task, Target.objects.get(), actor=None, origin=Origin.PERSON)
    with pytest.raises(CommandError, match="queued already") as refusal:
        call_command("run_task", "toy")
    assert refusal.value.returncode == 5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no_such_task"], "There are: database_maintenance, index_maintenance, "),
        (["toy", "--target", "mars"], "There are: zbmaint"),
        (["toy", "--param", "size"], "key=value"),
        (["toy", "--param", "size=99"], "from 1 to 10"),
        (["toy", "--param", "colour=1"], "no parameter 'colour'"),
    ],
)
def test_wrong_usage_ends_with_2_and_names_the_choices(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    with_task(monkeypatch)
    with pytest.raises(CommandError, match=says) as refusal:
        call_command("run_task", *arguments)
    assert refusal.value.returncode == 2
    assert not Run.objects.exists()


def test_dry_run_reaches_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def work(context: Context) -> Outcome:
        seen.append(context.dry_run)
        return Outcome("succeeded", "Looked.")

    with_task(monkeypatch, work)
    assert call("toy", "--dry-run")[0] == 0
    assert seen == [True]
