"""The PostgreSQL probe, at real servers."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable

import psycopg
import pytest

from maintenance.connectors.postgres_ping import with_answer
from maintenance.connectors.problems import ConnectionProblem
from maintenance.probes import postgres
from maintenance.probes.kind import Look, Order
from maintenance.rules.probe_states import DOWN, UP
from tests.maintenance.connectors.impostors import impostor, refusing, silent
from tests.services import free_port
from zbmaint.embedded.postgres import PostgresServer

LookAt = Callable[..., Look]


@pytest.fixture
def look(environment: pytest.MonkeyPatch) -> LookAt:
    """`look(url)`: what the probe sees there."""

    def at(url: str, seconds: float = 5.0) -> Look:
        environment.setenv("PROBED_URL", url)
        return postgres.look(Order({}, seconds, "env:PROBED_URL"))

    return at


def test_a_server_that_answers_is_up(look: LookAt, postgres: PostgresServer) -> None:
    assert look(postgres.url("postgres", "postgres")) == Look(UP)


def test_what_is_wrong_is_named_and_is_an_answer(look: LookAt, postgres18: PostgresServer) -> None:
    seen = look(postgres18.url("nowhere", "postgres"))
    assert (seen.state, seen.answered) == (DOWN, True)
    assert 'there is no database "nowhere"' in seen.reason


def test_a_reference_that_leads_nowhere_is_down_in_words() -> None:
    seen = postgres_look("env:NO_SUCH_VARIABLE")
    assert (seen.state, seen.answered) == (DOWN, True), "that is no matter of the network"
    assert "The environment variable NO_SUCH_VARIABLE is not set here" in seen.reason


def postgres_look(reference: str) -> Look:
    return postgres.look(Order({}, 5.0, reference))


def test_nobody_there_and_no_connection_left(look: LookAt) -> None:
    seen = look(f"postgresql://alice:hunter2@127.0.0.1:{free_port()}/shop")
    assert (seen.state, seen.answered) == (DOWN, False)
    assert "cannot be reached (Connection refused)" in seen.reason
    with impostor(refusing("53300", "zu viele")) as port:
        seen = look(f"postgresql://alice:hunter2@127.0.0.1:{port}/shop?sslmode=disable")
    assert "has no connection left" in seen.reason
    assert "hunter2" not in seen.reason


def test_silence_is_over_after_the_time_of_the_look(look: LookAt) -> None:
    with impostor(silent) as port:
        began = time.monotonic()
        seen = look(f"postgresql://alice@127.0.0.1:{port}/shop?sslmode=disable", seconds=0.5)
    assert time.monotonic() - began < 5
    assert (seen.state, seen.answered) == (DOWN, False)
    assert "did not answer within 0.5 s" in seen.reason


def test_a_session_that_stands_still_is_cut_off(environment: pytest.MonkeyPatch, postgres18: PostgresServer) -> None:
    """Its own time-out does not help when the server's process itself does not run."""
    environment.setenv("PROBED_URL", postgres18.url("postgres", "postgres"))
    stop_itself = "COPY (SELECT 1) TO PROGRAM 'kill -STOP $PPID'"
    began = time.monotonic()
    try:
        with pytest.raises(ConnectionProblem, match=re.escape("does not answer (no answer within 1 s)")):
            with_answer("env:PROBED_URL", 1.0, stop_itself)
        assert time.monotonic() - began < 10
    finally:
        with psycopg.connect(postgres18.url("postgres", "postgres")) as session:
            rows = session.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'zbmaint:probe'")
            for (pid,) in rows:
                os.kill(pid, signal.SIGCONT)
