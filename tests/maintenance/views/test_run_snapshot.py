"""The picture of what stood around a run that failed, on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from maintenance.rules import run_states
from maintenance.views.run_snapshot import snapshot_of
from tests.maintenance.made import make_run

TAKEN = "2026-04-05T03:01:07+00:00"


def session(pid: int, **facts: Any) -> dict[str, Any]:
    quiet: dict[str, Any] = {
        "user": "ada",
        "application": "psql",
        "state": "active",
        "waits_for": None,
        "blocked_by": [],
        "query": "",
    }
    return {"pid": pid, "transaction_seconds": 61.0, **quiet, **facts}


SNAPSHOT: dict[str, Any] = {
    "taken_at": TAKEN,
    "target": {
        "server": {
            "server_version": "18.4",
            "up_seconds": 3600,
            "used_connections": 41,
            "usable_connections": 97,
            "prepared_transactions": 1,
        },
        "sessions": [
            session(11, state="idle in transaction", query="UPDATE posts SET note = ?"),
            session(12, blocked_by=[11], waits_for="Lock: relation", query="VACUUM <b>posts</b>"),
        ],
        "sessions_in_all": 7,
        "blockers": [11],
        "locks": [],
    },
    "host": {"load": [0.5, 1.25, 2.0], "processors": 2, "disk_bytes": 2048, "disk_free_bytes": 1024},
    "queue": {
        "waiting": {"short": 0, "long": 3},
        "workers": 2,
        "other_runs": [{"run": 9, "task": "toy", "target": None}],
    },
}


def test_who_waits_for_whom_and_what_the_machines_were_at() -> None:
    seen = snapshot_of(SNAPSHOT)
    assert seen is not None
    assert dict(seen.facts) == {
        "Server": "PostgreSQL 18.4, up 1h",
        "Connections": "41 of 97",
        "Prepared transactions": "1",
        "Load of the worker's machine": "0.5, 1.25, 2 on 2 processors",
        "Disk free there": "1.00 KiB of 2.00 KiB",
        "Our queues": "3 long",
        "Workers alive": "2",
        "Other runs": "run 9 on –",
    }
    assert [(row.pid, row.blocks, row.waits) for row in seen.sessions] == [(11, True, ""), (12, False, "for pid 11")]
    assert (seen.sessions_in_all, seen.problems) == (7, [])


def test_what_could_not_be_read_is_said() -> None:
    seen = snapshot_of({"taken_at": "nonsense", "target": {"problem": "Host: nobody answers."}, "queue": "nonsense"})
    assert seen is not None
    assert (seen.taken_at, seen.problems, seen.facts, seen.sessions) == (
        None,
        ["Target: Host: nobody answers."],
        [],
        [],
    )


@pytest.mark.parametrize("nothing", [None, {}, [], "text"])
def test_no_snapshot_is_none(nothing: Any) -> None:
    assert snapshot_of(nothing) is None


@pytest.mark.django_db
def test_the_page_shows_it_and_escapes_what_others_wrote(client_as: Callable[[str], Client]) -> None:
    viewer = client_as("viewer")
    run = make_run(run_states.TIMED_OUT, snapshot=SNAPSHOT)
    html = viewer.get(f"/runs/{run.pk}/").content.decode()
    panel = html.split('id="run-snapshot"')[1].split("</section>")[0]
    assert "At that moment" in panel
    assert "Blocks others" in panel
    assert "VACUUM &lt;b&gt;posts&lt;/b&gt;" in panel
    assert "2 of 7 sessions that were not idle." in panel
    assert 'datetime="2026-04-05T03:01:07' in panel
    assert viewer.get(f"/runs/{run.pk}/report.json").json()["snapshot"] == SNAPSHOT
    without = viewer.get(f"/runs/{make_run().pk}/").content.decode()
    assert 'id="run-snapshot" hidden' in without
