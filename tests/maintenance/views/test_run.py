"""The page of a run, and what it asks for while the run works."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.models import Ticket
from maintenance import alerts
from maintenance.models import Run, RunStep
from maintenance.rules import run_states
from maintenance.rules.run_words import WORDS
from tests.maintenance.made import add_finding, add_lines, add_steps, make_run
from zbmaint.access.models import Person, Role
from zbmaint.queue.presence import Presence

SignIn = Callable[[str], Client]
PARTS = ("head", "verdict", "progress", "findings", "webhook", "steps", "tables", "comparison", "snapshot", "facts")


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


def page(client: Client, run: Run, query: str = "") -> str:
    answer = client.get(f"/runs/{run.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def asked_url(html: str) -> str:
    """Where the page asks for what has changed."""
    found = re.search(r'hx-get="(/runs/\d+/progress/\?seen=[^"]+)"', html)
    assert found is not None
    return unescape(found[1])


def parts_in(html: str) -> set[str]:
    return {name for name in PARTS if f'id="run-{name}"' in html}


@pytest.mark.parametrize("state", sorted(run_states.FINAL))
def test_an_ended_run_says_first_what_became_of_it_and_what_to_do(viewer: Client, state: str) -> None:
    html = page(viewer, make_run(state))
    assert f"<strong>{WORDS[state].label}.</strong> {WORDS[state].happened}" in html
    assert WORDS[state].todo in html
    assert f"#i-state-{state}" in html
    assert html.index('id="run-verdict"') < html.index('id="run-findings"')
    assert "hx-trigger" not in html.split("<main")[1].split("</main>")[0]


def test_the_title_starts_with_the_run_and_says_its_state(viewer: Client) -> None:
    run = make_run(run_states.TIMED_OUT)
    assert f"<title>Run {run.pk} timed out, Database maintenance ·" in page(viewer, run)


def test_verdict_and_error_are_shown_as_text_never_as_markup(viewer: Client) -> None:
    run = make_run(
        run_states.FAILED,
        verdict='The role "<b>x</b>" was refused.',
        error="<script>alert(1)</script>",
        report={"tables": [{"table": '"<i>Odd</i>"."t"', "dead_before": 5, "verdict": "failed", "reason": "<u>"}]},
    )
    add_steps(run, "failed")
    RunStep.objects.update(name="Vacuum <s>", note="<s>")
    html = page(viewer, run).split("<main")[1]
    for markup in ("<b>x", "<script>alert", "<i>Odd", "<u>", "<s>"):
        assert markup not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_states_own_word_is_not_said_twice(viewer: Client) -> None:
    html = page(viewer, make_run(run_states.SKIPPED, verdict="Skipped: db:zbmaint is locked by another run."))
    assert "<strong>Skipped.</strong> Db:zbmaint is locked by another run." in html


def test_a_cancelled_run_names_who_cancelled_it(viewer: Client, people: dict[str, Person]) -> None:
    run = make_run(run_states.CANCELLED, cancel_requested_by=people["lead"], cancel_requested_at=timezone.now())
    assert "Asked for by lead," in page(viewer, run)


def test_steps_show_the_engines_own_progress(viewer: Client) -> None:
    run = make_run(run_states.RUNNING, progress=58)
    add_steps(run, "passed", "running", "pending")
    RunStep.objects.filter(position=2).update(done=118_400, total=185_000, unit="pages")
    html = page(viewer, run)
    assert "118,400 of 185,000 pages" in html
    assert 'value="118400" max="185000"' in html
    assert "Running, step 2 of 3" in html
    assert "58%" in html
    assert "1 of 3 done" in html


def test_of_very_many_steps_those_at_work_and_in_trouble_stay_in_sight(viewer: Client) -> None:
    run = make_run(run_states.RUNNING)
    add_steps(run, "skipped", *["passed"] * 80, "running", *["pending"] * 80)
    html = page(viewer, run)
    assert "Step 1<" in html
    assert "Step 82<" in html
    assert "Step 2<" not in html
    assert "122 more, waiting or passed, are not shown" in html


def test_before_and_after_stand_side_by_side_and_unfinished_tables_say_so(viewer: Client) -> None:
    tables = [
        {"table": "public.a", "dead_before": 48210, "dead_after": 10, "seconds": 52, "verdict": "vacuumed"},
        {"table": "public.b", "dead_before": 900, "verdict": "running"},
        {"table": "public.c", "dead_before": 800},
        {"table": "public.d", "dead_before": 700, "verdict": "skipped", "reason": "locked by pid 4711"},
        {"table": "public.e", "dead_before": 600, "verdict": "some new word"},
    ]
    run = make_run(run_states.RUNNING, report={"tables": tables})
    html = page(viewer, run)
    assert "−48,200" in html
    marks = re.findall(r'<td><span class="state" data-state="(\w+)"', html)
    assert marks == ["passed", "running", "pending", "skipped", "warning"]
    Run.objects.filter(pk=run.pk).update(state=run_states.LOST, finished_at=timezone.now())
    html = page(viewer, run)
    assert "Not finished" in html
    assert "Not reached" in html
    assert re.findall(r'<td><span class="state" data-state="(\w+)"', html)[1:3] == ["cancelled", "skipped"]


@pytest.mark.parametrize("report", [{"tables": None}, {"tables": "x"}, {"tables": [None, 3]}, {"tables": {}}])
def test_a_report_of_another_shape_does_not_break_the_page(viewer: Client, report: dict[str, object]) -> None:
    assert "Before and after" not in page(viewer, make_run(report=report))


def test_facts_are_written_in_units_that_people_read(viewer: Client) -> None:
    facts = [
        {"key": "size", "label": "Database size", "value": 44883234816, "unit": "bytes", "note": "42 GB before"},
        {"key": "took", "label": "Longest", "value": 161, "unit": "seconds"},
        {"key": "tables", "label": "Tables", "value": 1234},
        {"key": "none", "label": "Not measured", "value": None},
        {"key": "version", "label": "Server", "value": "18.4"},
    ]
    html = page(viewer, make_run(facts=facts))
    values = re.findall(r'<dd class="value">(.*?)</dd>', html)
    assert values == ["41.8 <small>GiB</small>", "2m 41s", "1,234", "–", "18.4"]


def test_findings_stand_worst_first_each_with_state_and_the_exact_fix(viewer: Client) -> None:
    run = make_run(run_states.WARNING)
    add_finding(run, "low", subject="low", title="A low one", fix="")
    add_finding(run, "critical", subject="bad", title="A critical one", fix='VACUUM "a"."b & c";', state="ongoing")
    html = page(viewer, run)
    assert html.index("A critical one") < html.index("A low one")
    assert "VACUUM &quot;a&quot;.&quot;b &amp; c&quot;;" in html
    assert html.count("data-copy-from") == 1
    assert 'data-status="ongoing"' in html
    assert 'data-severity="critical"' in html


def test_a_finding_that_is_gone_since_says_so(viewer: Client) -> None:
    run = make_run(run_states.WARNING)
    finding = add_finding(run)
    finding.state, finding.resolved_at = "resolved", timezone.now()
    finding.save()
    html = page(viewer, run)
    assert 'data-status="new"' in html
    assert "resolved since" in html


class TestWaiting:
    def test_without_a_worker_it_says_that_nobody_takes_the_run(self, viewer: Client) -> None:
        assert "No worker is alive" in page(viewer, make_run(run_states.QUEUED))

    def test_with_busy_workers_it_names_what_they_do(self, viewer: Client) -> None:
        Presence("worker", "long").beat()
        first, waiting = make_run(run_states.RUNNING), make_run(run_states.QUEUED)
        make_run(run_states.QUEUED)
        assert "A worker is about to take it" in page(viewer, waiting)
        second = make_run(run_states.RUNNING)
        html = page(viewer, waiting)
        assert "It waits for a free worker. At work: " in html
        assert f'<a href="/runs/{first.pk}/">' in html
        assert f'<a href="/runs/{second.pk}/">' in html
        assert "queued run before it" not in html

    def test_it_counts_the_runs_before_it(self, viewer: Client) -> None:
        Presence("worker", "long").beat()
        make_run(run_states.QUEUED)
        html = page(viewer, make_run(run_states.QUEUED))
        assert "A worker is about to take it" in html
        assert "1 queued run before it" in html


class TestProgress:
    def test_it_sends_nothing_while_nothing_changes(self, viewer: Client) -> None:
        run = make_run(run_states.RUNNING)
        assert viewer.get(asked_url(page(viewer, run))).status_code == 204

    def test_it_sends_only_the_rows_that_changed(self, viewer: Client) -> None:
        run = make_run(run_states.RUNNING)
        add_steps(run, "passed", "running", "pending")
        url = asked_url(page(viewer, run))
        RunStep.objects.filter(position=2).update(done=1, total=2, unit="pages")
        answer = viewer.get(url)
        assert answer.status_code == 200
        html = answer.content.decode()
        assert parts_in(html) == set()
        assert re.findall(r'id="(step-\d+)"', html) == ["step-2"]
        assert viewer.get(asked_url(html)).status_code == 204

    def test_it_sends_the_whole_list_when_a_step_was_added(self, viewer: Client) -> None:
        run = make_run(run_states.RUNNING)
        add_steps(run, "running")
        url = asked_url(page(viewer, run))
        RunStep.objects.create(run=run, position=2, key="more", name="One more")
        assert "steps" in parts_in(viewer.get(url).content.decode())

    def test_a_row_of_the_tables_is_sent_alone(self, viewer: Client) -> None:
        tables = [{"table": f"public.t{number}", "dead_before": 5, "verdict": ""} for number in (1, 2, 3)]
        run = make_run(run_states.RUNNING, report={"tables": tables})
        url = asked_url(page(viewer, run))
        tables[1] |= {"dead_after": 0, "verdict": "vacuumed"}
        Run.objects.update(report={"tables": tables})
        html = viewer.get(url).content.decode()
        assert parts_in(html) == set()
        assert re.findall(r'<template><tr id="(table-\d+)" hx-swap-oob="true">', html) == ["table-2"]

    @pytest.mark.parametrize("state", sorted(run_states.WORKED))
    def test_the_end_of_the_run_changes_the_page_and_stops_the_asking(self, viewer: Client, state: str) -> None:
        run = make_run(run_states.RUNNING)
        url = asked_url(page(viewer, run))
        Run.objects.filter(pk=run.pk).update(state=state, finished_at=timezone.now(), verdict="So it ended.")
        answer = viewer.get(url)
        assert answer.status_code == 286
        html = answer.content.decode()
        assert {"head", "verdict", "progress"} <= parts_in(html)
        assert "So it ended." in html
        assert "hx-get" not in html
        assert f"<title>Run {run.pk} {WORDS[state].label.lower()}," in html

    @pytest.mark.parametrize("seen", ["", "?seen=", "?seen=nonsense", "?seen=" + "0" * 500])
    def test_who_has_seen_nothing_gets_everything(self, viewer: Client, seen: str) -> None:
        answer = viewer.get(f"/runs/{make_run(run_states.RUNNING).pk}/progress/{seen}")
        assert parts_in(answer.content.decode()) == set(PARTS)

    def test_a_run_that_does_not_exist_is_not_found(self, viewer: Client) -> None:
        assert viewer.get("/runs/999999/").status_code == 404
        assert viewer.get("/runs/999999/progress/").status_code == 404


class TestControls:
    def test_who_may_cancel_gets_a_dialog_that_starts_on_the_safe_button(self, client_as: SignIn) -> None:
        html = page(client_as("tier2"), make_run(run_states.RUNNING))
        dialog = html.split('<dialog id="cancel-run"')[1].split("</dialog>")[0]
        assert "autofocus>Keep running" in dialog

    def test_who_may_only_look_gets_no_buttons(self, viewer: Client) -> None:
        running, ended = page(viewer, make_run(run_states.RUNNING)), page(viewer, make_run())
        assert "cancel-run" not in running
        assert "run-again" not in ended

    def test_while_it_is_cancelled_the_button_is_gone_and_the_page_says_who_asked(
        self, client_as: SignIn, people: dict[str, Person]
    ) -> None:
        run = make_run(run_states.RUNNING, cancel_requested_by=people["lead"], cancel_requested_at=timezone.now())
        html = page(client_as("tier2"), run)
        assert "being stopped, asked for by lead" in html
        assert 'id="run-cancel" disabled' in html

    def test_a_task_that_this_version_does_not_know_is_shown_but_cannot_be_run_again(self, client_as: SignIn) -> None:
        html = page(client_as("tier2"), make_run(task="gone_task"))
        assert "<h1>gone_task</h1>" in html
        assert "run-again" not in html


class TestUsualTime:
    def test_after_three_good_runs_the_page_says_how_long_it_usually_takes(self, viewer: Client) -> None:
        for _ in range(2):
            make_run()
        running = make_run(run_states.RUNNING)
        assert "usually" not in page(viewer, running)
        make_run(run_states.WARNING)
        make_run(run_states.FAILED)
        assert "usually 11m 58s" in page(viewer, running)


def test_an_ended_run_names_its_ticket_and_links_it_for_those_who_may(
    client_as: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    admin, run = client_as("admin"), make_run(run_states.FAILED)
    alerts.run_ended(run)
    ticket = Ticket.objects.get()
    # Session; person with role; run; steps; findings; ticket; notice; the log and three banners, one of which looks
    # twice when a ticket has changed.
    with django_assert_num_queries(13):
        html = page(admin, run)
    assert f'<a href="/tickets/{ticket.number}/">INC-{ticket.number}</a> open' in html
    assert "INC-" not in page(admin, make_run())
    Role.objects.get(key="viewer").permissions.remove(Permission.objects.get(codename="view_ticket"))
    assert "INC-" not in page(client_as("viewer"), run)


def test_queries_are_few(client_as: SignIn, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    admin = client_as("admin")
    run = make_run(run_states.RUNNING)
    add_steps(run, *["passed"] * 5, "running")
    add_lines(run, 1, 30)
    for subject in "abc":
        add_finding(run, subject=subject)
    # Session; person with role; run; steps; and for the page the usual time, the log and three banners.
    with django_assert_num_queries(10):
        html = page(admin, run)
    with django_assert_num_queries(4):
        admin.get(asked_url(html))
    with django_assert_num_queries(4):
        admin.get(f"/runs/{run.pk}/log/?after=3")
    queued = make_run(run_states.QUEUED)
    with django_assert_num_queries(7):
        admin.get(f"/runs/{queued.pk}/progress/?usual=0")
