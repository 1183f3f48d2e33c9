"""The log of a run: its cursor, its end, its text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from maintenance.models import LogLine, Run
from maintenance.rules import run_states
from maintenance.views.run_log import BATCH
from tests.maintenance.made import add_lines, make_run

SignIn = Callable[[str], Client]


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="L(\d+)"', html)]


def after(client: Client, run: Run, number: int | str) -> tuple[int, list[int]]:
    """Ask for the lines after `number`: status and their numbers."""
    answer = client.get(f"/runs/{run.pk}/log/", {"after": number})
    return answer.status_code, numbers(answer.content.decode())


def test_it_sends_the_lines_after_the_cursor(viewer: Client) -> None:
    run = make_run(run_states.RUNNING)
    add_lines(run, 1, 5)
    assert after(viewer, run, 3) == (200, [4, 5])
    assert after(viewer, run, 5) == (204, [])
    assert after(viewer, run, 0) == (200, [1, 2, 3, 4, 5])
    assert after(viewer, run, "nonsense") == (200, [1, 2, 3, 4, 5])


def test_many_lines_come_in_pieces_without_gap_or_double(viewer: Client) -> None:
    run = make_run()
    add_lines(run, 1, 2 * BATCH + 3)
    seen: list[int] = []
    statuses: list[int] = []
    for _ in range(3):
        status, piece = after(viewer, run, seen[-1] if seen else 0)
        seen, statuses = seen + piece, [*statuses, status]
    assert seen == list(range(1, 2 * BATCH + 4))
    assert statuses == [200, 200, 286]


def test_an_ended_run_sends_its_last_lines_and_stops_the_asking(viewer: Client) -> None:
    run = make_run(run_states.RUNNING)
    add_lines(run, 1, 2)
    Run.objects.filter(pk=run.pk).update(state=run_states.SUCCEEDED, finished_at=timezone.now())
    assert after(viewer, run, 1) == (286, [2])
    assert after(viewer, run, 2) == (286, [])


def test_a_reload_shows_the_end_of_a_long_log_and_all_of_it_when_asked(viewer: Client) -> None:
    run = make_run()
    add_lines(run, 1, BATCH + 20)
    html = viewer.get(f"/runs/{run.pk}/").content.decode()
    assert numbers(html) == list(range(21, BATCH + 21))
    assert 'start="21"' in html
    assert "Lines 21 to 520" in html
    everything = viewer.get(f"/runs/{run.pk}/?log=all").content.decode()
    assert numbers(everything) == list(range(1, BATCH + 21))
    assert "Show all lines" not in everything


def test_the_download_has_every_line_with_time_and_level(viewer: Client) -> None:
    run = make_run()
    add_lines(run, 1, BATCH + 1)
    LogLine.objects.filter(run=run, number=2).update(level="warn", text="<b>ünïcode</b>")
    answer = viewer.get(f"/runs/{run.pk}/log.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="run-{run.pk}.log"'
    lines = answer.content.decode().splitlines()
    assert len(lines) == BATCH + 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ warn  <b>ünïcode</b>", lines[1])


def test_levels_are_marked_and_text_is_no_markup(viewer: Client) -> None:
    run = make_run()
    LogLine.objects.create(run=run, number=1, at=timezone.now(), level="error", text="<script>1</script>")
    html = viewer.get(f"/runs/{run.pk}/").content.decode()
    assert '<li id="L1" data-level="error">' in html
    assert "&lt;script&gt;1" in html


def test_a_run_without_lines_says_so(viewer: Client) -> None:
    assert "No lines yet" in viewer.get(f"/runs/{make_run(run_states.RUNNING).pk}/").content.decode()
