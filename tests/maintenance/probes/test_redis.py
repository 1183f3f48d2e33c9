"""The Redis probe, at a real Valkey and at impostors."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from maintenance.probes import redis
from maintenance.probes.kind import BadParameter, Look, Order
from maintenance.rules.probe_states import DOWN, UP
from tests.maintenance.connectors.impostors import Behaviour, impostor, silent
from tests.services import free_port, valkey

LookAt = Callable[..., Look]


@pytest.fixture
def look(environment: pytest.MonkeyPatch) -> LookAt:
    """`look(url)`: what the probe sees there."""

    def at(url: str, seconds: float = 5.0) -> Look:
        environment.setenv("PROBED_URL", url)
        return redis.look(Order(redis.check({"reference": "env:PROBED_URL"}), seconds))

    return at


def saying(text: bytes) -> Behaviour:
    """A server that answers everything with this."""

    def behave(caller: socket.socket) -> None:
        while caller.recv(1024):
            caller.sendall(text)

    return behave


def test_the_products_own_and_any_other_that_answers_are_up(look: LookAt, settings: Any) -> None:
    assert redis.look(Order({"reference": "own"}, 5.0)) == Look(UP)
    assert look(f"unix://{valkey.socket_path}") == Look(UP)
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}"
    assert redis.look(Order({"reference": "own"}, 5.0)).state == DOWN


def test_nobody_there(look: LookAt) -> None:
    seen = look(f"redis://alice:hunter2@127.0.0.1:{free_port()}/0")
    assert (seen.state, seen.answered) == (DOWN, False)
    assert seen.reason == "It could not be reached (connection refused)."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"-WRONGPASS invalid username-password pair\r\n", "it does not let us in"),
        (b"-NOAUTH Authentication required.\r\n", "it does not let us in"),
        (b"-LOADING dataset in memory\r\n", "still loading"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "It "),
    ],
)
def test_what_answers_otherwise_is_down_in_words(look: LookAt, text: bytes, says: str) -> None:
    with impostor(saying(text)) as port:
        seen = look(f"redis://:hunter2@127.0.0.1:{port}/0")
    assert seen.state == DOWN
    assert says in seen.reason
    assert "hunter2" not in seen.reason


def test_silence_is_over_after_the_time_of_the_look(look: LookAt) -> None:
    with impostor(silent) as port:
        began = time.monotonic()
        seen = look(f"redis://127.0.0.1:{port}/0", seconds=0.5)
    assert time.monotonic() - began < 5
    assert seen.reason == "It did not answer within 0.5 s."


def test_a_reference_that_leads_nowhere_is_down_in_words(look: LookAt) -> None:
    assert "is not set here. Set it for workers, probers and web server to redis://" in look("").reason
    seen = look("hunter2 is no address")
    assert seen.answered, "that is no matter of the network"
    assert "does not hold a connection URL" in seen.reason
    assert "hunter2" not in seen.reason


@pytest.mark.parametrize("reference", ["", "redis://:hunter2@cache/0", "env:", "file:x", "own2", "env:A\0", "x" * 500])
def test_only_a_reference_is_kept(reference: str) -> None:
    with pytest.raises(BadParameter) as refused:
        redis.check({"reference": reference})
    assert refused.value.name == "reference"
