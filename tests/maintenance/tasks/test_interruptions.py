"""A maintenance that does not get to its end: cancelled, cut off, or refused at the door."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from maintenance.task import Cancelled, TaskFailed
from maintenance.tasks.database.obstacles import KINDS
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import PASSWORD, Shop, maintain
from tests.waiting import until

# No service has this port.
NOBODY_LISTENS = 1
Run = Callable[..., RecordingContext]


@contextmanager
def gone_within(shop: Shop, seconds: float) -> Iterator[None]:
    """No session of the run is left on the target soon after."""
    yield
    until(lambda: not shop.ours(), seconds, "the run's sessions to be gone")


def when_vacuuming(shop: Shop, act: Callable[[int], object]) -> Callable[[], object]:
    """A hook that starts `act(pid)` from another thread once the VACUUM of this step is under way."""

    def watch() -> None:
        act(until(shop.vacuums, 10, "a VACUUM under way")[0]["pid"])

    return lambda: threading.Thread(target=watch, daemon=True).start()


def test_a_cancelled_run_stops_the_statement_on_the_server(shop: Shop, run_on: Run) -> None:
    shop.fill("done", rows=300, dead=280)
    shop.fill("under_way", rows=20_000, dead=250)
    shop.fill("waiting", rows=300, dead=200)
    shop.slow_vacuum(pages_a_second=30)
    parameters = {"min_dead_tuples": 100, "jobs": 1}
    context = run_on(shop.url(), **parameters)
    context.at_step["vacuum:public.under_way"] = when_vacuuming(shop, lambda _: context.cancel())
    began = time.monotonic()
    with gone_within(shop, 2), pytest.raises(Cancelled):
        maintain(context)
    assert time.monotonic() - began < 10, "the VACUUM alone would have taken longer"
    assert not shop.vacuums()
    assert context.verdict("public.done") == "vacuumed"
    assert context.verdict("public.under_way") == "cancelled"
    assert context.verdict("public.waiting") == "skipped: cancelled"
    states = {key: step.state for key, step in context.steps.items()}
    assert states["vacuum:public.done"] == "passed"
    assert states["vacuum:public.under_way"] == "cancelled"
    assert {states[key] for key in ("vacuum:public.waiting", "parents", "verify", "report")} == {"skipped"}
    assert context.reported["status"] == "cancelled"
    assert shop.dead("under_way") == 250


def test_the_lock_is_free_after_a_cancelled_run(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    context = run_on(shop.url())
    context.at_step["vacuum:public.posts"] = context.cancel
    with pytest.raises(Cancelled):
        maintain(context)
    assert maintain(run_on(shop.url())).state == "succeeded"


def test_a_session_killed_by_an_administrator_fails_the_run(shop: Shop, run_on: Run) -> None:
    shop.fill("done", rows=300, dead=280)
    shop.fill("under_way", rows=20_000, dead=250)
    shop.fill("waiting", rows=300, dead=200)
    shop.slow_vacuum(pages_a_second=30)
    kill = when_vacuuming(shop, lambda pid: shop.execute(f"SELECT pg_terminate_backend({pid})"))
    context = run_on(shop.url(), jobs=1, min_dead_tuples=100, at_step={"vacuum:public.under_way": kill})
    with gone_within(shop, 2):
        outcome = maintain(context)
    assert outcome.state == "failed"
    assert outcome.verdict.startswith(
        "Connection to the database lost: terminating connection due to administrator command"
    )
    assert context.verdict("public.done") == "vacuumed"
    assert context.verdict("public.under_way").startswith("connection lost: ")
    assert context.verdict("public.waiting") == "skipped: connection lost"


def test_a_database_that_goes_away_fails_the_run_and_keeps_what_was_done(mortal_shop: Shop, run_on: Run) -> None:
    shop, server = mortal_shop, mortal_shop.server
    shop.fill("done", rows=300, dead=280)
    shop.fill("under_way", rows=20_000, dead=250)
    shop.fill("waiting", rows=300, dead=200)
    shop.slow_vacuum(pages_a_second=30)
    process = server.process
    assert process is not None
    # The immediate shutdown: no session is told goodbye.
    crash = when_vacuuming(shop, lambda _: process.send_signal(signal.SIGQUIT))
    context = run_on(shop.url(), jobs=1, min_dead_tuples=100, at_step={"vacuum:public.under_way": crash})
    outcome = maintain(context)
    process.wait(20)
    assert outcome.state == "failed"
    assert outcome.verdict.startswith("Connection to the database lost: ")
    assert "1 table vacuumed, 280 dead rows removed" in outcome.verdict
    assert context.verdict("public.done") == "vacuumed"
    assert context.row("public.done")["dead_after"] == 0
    assert context.verdict("public.under_way").startswith("connection lost")
    assert context.verdict("public.waiting") == "skipped: connection lost"
    assert context.steps["vacuum:public.under_way"].state == "failed"
    assert context.steps["report"].state == "passed", "the report is written even so"
    assert context.reported["status"] == "failed"
    assert not outcome.examined & KINDS, "what was not finished cannot be resolved"


def test_a_database_that_is_away_from_the_start_fails_the_run(mortal_shop: Shop, run_on: Run) -> None:
    mortal_shop.server.stop()
    context = run_on(mortal_shop.url())
    with pytest.raises(TaskFailed, match=r"^Host: "):
        maintain(context)
    assert context.reported["status"] == "failed"


def test_a_prepared_transaction_is_named_as_what_holds_the_rows(mortal_shop: Shop, run_on: Run) -> None:
    shop = mortal_shop
    shop.fill("posts", dead=0)
    with psycopg.connect(shop.url()) as session:
        session.execute("INSERT INTO posts VALUES (0, 'x')")
        session.execute("PREPARE TRANSACTION 'order 66'")
    shop.execute("DELETE FROM posts WHERE id BETWEEN 1 AND 3000")
    context = run_on(shop.url())
    outcome = maintain(context)
    assert outcome.state == "warning"
    assert context.verdict("public.posts").startswith(
        "nothing removable: held by prepared transaction order 66 of postgres"
    )
    finding = context.found("xmin_holder")[0]
    assert finding.fix == "ROLLBACK PREPARED 'order 66';"
    shop.execute(finding.fix)
    assert maintain(run_on(shop.url())).state == "succeeded"


def test_a_lock_of_a_prepared_transaction_is_named(mortal_shop: Shop, run_on: Run) -> None:
    shop = mortal_shop
    shop.fill("posts")
    with psycopg.connect(shop.url()) as session:
        session.execute("LOCK TABLE posts IN SHARE MODE")
        session.execute("PREPARE TRANSACTION 'order 66'")
    context = run_on(shop.url())
    maintain(context)
    assert context.verdict("public.posts") == "skipped: locked by prepared transaction order 66"
    shop.execute(context.found("locked")[0].fix)
    assert maintain(run_on(shop.url())).state == "succeeded"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"password": "wrong"}, "User or password: 127.0.0.1:"),
        ({"port": NOBODY_LISTENS}, "Host: 127.0.0.1:"),
        ({"database": "nowhere"}, 'Database: there is no database "nowhere" on 127.0.0.1:'),
    ],
    ids=["password", "host", "database"],
)
def test_a_wrong_target_fails_in_time_and_says_what_is_wrong(
    shop: Shop, run_on: Run, wrong: dict[str, Any], named: str
) -> None:
    began = time.monotonic()
    with pytest.raises(TaskFailed) as caught:
        maintain(run_on(shop.guest(**wrong)))
    assert time.monotonic() - began < 15
    assert str(caught.value).startswith(named)
    assert PASSWORD not in str(caught.value)
    assert "SHOP_URL" in str(caught.value), "it says where to mend it"


def test_an_error_of_our_own_leaves_nothing_that_seems_to_wait(shop: Shop, run_on: Run) -> None:
    shop.fill("first", dead=3000)
    shop.fill("second", dead=2000)
    context = run_on(shop.url(), jobs=1, at_step={"vacuum:public.first": lambda: 1 / 0})
    with pytest.raises(ZeroDivisionError):
        maintain(context)
    assert context.reported["status"] == "failed"
    assert [row["verdict"] for row in context.reported["tables"]] == ["skipped", "skipped"]
    assert "pending" not in {step.state for step in context.steps.values()}
    assert maintain(run_on(shop.url())).state == "succeeded", "its sessions and its lock are gone"
