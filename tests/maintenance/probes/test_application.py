"""The application probe and its connector, at real servers that behave and misbehave."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

import pytest

from maintenance.connectors import application
from maintenance.connectors.application import Health, read_health, read_numbers
from maintenance.connectors.problems import ConnectionProblem
from maintenance.probes.application import judge, look
from maintenance.probes.kind import Look, Order
from maintenance.rules.probe_states import DEGRADED, DOWN, UP
from tests.maintenance.rules.test_prometheus_text import SPRING
from tests.maintenance.spring import SIGN_IN, actuator, health
from tests.receivers import Answer, drip, huge, raw, receiver, silent, status
from tests.services import free_port


@pytest.fixture(autouse=True)
def _loopback_may_be_called(settings: Any) -> None:
    settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Look at an application that answers so."""

    def make(answer: Answer, *, seconds: float = 5.0, path: str = "", who: str = "") -> Look:
        with receiver(answer) as server:
            monkeypatch.setenv("APP_URL", f"http://{who}127.0.0.1:{server.port}{path}")
            return look(Order({}, seconds, "env:APP_URL"))

    return make


def told(look: Look, seconds: float = 5.0) -> Mapping[str, float]:
    assert look.numbers is not None
    return look.numbers(seconds)


def test_an_application_that_is_well_is_up_and_tells_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(actuator()) as server:
        monkeypatch.setenv("APP_URL", server.url(""))
        seen = look(Order({}, 5.0, "env:APP_URL"))
        assert (seen.state, seen.reason) == (UP, "")
        assert [request.path for request in server.received] == ["/actuator/health"]
        assert told(seen)["threads_live"] == 143.0
        assert len(told(seen)) == 12


@pytest.mark.parametrize("path", ["/app", "/app/", "/app/actuator"])
def test_its_address_may_have_a_path_and_an_end(see: Any, path: str) -> None:
    assert see(actuator(), path=path).state == UP


@pytest.mark.parametrize(
    ("said", "components", "state", "reason"),
    [
        ("UP", {"db": "UP"}, UP, ""),
        ("UP", {"db": "UP", "discovery": "UNKNOWN"}, UP, ""),
        ("UP", {"mail": "DOWN"}, DEGRADED, "The application says UP, and of its components: mail DOWN."),
        ("DOWN", {"db": "DOWN", "redis": "UP"}, DOWN, "The application says DOWN: db DOWN."),
        ("OUT_OF_SERVICE", {}, DOWN, "The application says OUT_OF_SERVICE."),
        ("UNKNOWN", {}, DEGRADED, "The application says UNKNOWN."),
        ("BUSY", {"db": "SLOW"}, DEGRADED, "The application says BUSY: db SLOW."),
        (
            "DOWN",
            dict.fromkeys("abcdef", "DOWN"),
            DOWN,
            "The application says DOWN: a DOWN, b DOWN, c DOWN, d DOWN and 2 more.",
        ),
    ],
)
def test_what_it_says_of_itself_and_of_its_components(
    said: str, components: dict[str, str], state: str, reason: str
) -> None:
    assert (judge(Health(said, components)).state, judge(Health(said, components)).reason) == (state, reason)


def test_down_comes_with_503_and_is_read_all_the_same(see: Any) -> None:
    inner = {"status": "DOWN", "components": {"primary": {"status": "DOWN"}, "copy": {"status": "UP"}}}
    seen = see(actuator(health("DOWN", db=inner)))
    assert (seen.state, seen.answered) == (DOWN, True)
    assert seen.reason == "The application says DOWN: db DOWN, db/primary DOWN."


def test_a_sign_in_page_that_answers_200_is_no_health(see: Any) -> None:
    seen = see(status(200, SIGN_IN))
    assert (seen.state, seen.answered) == (DOWN, True)
    assert seen.reason == (
        "It answers 200 OK at /actuator/health with a page, not with the health of an application: "
        "perhaps a sign-in page."
    )


def test_a_redirect_to_a_sign_in_page_is_not_followed(see: Any) -> None:
    assert (
        "302 Found at /actuator/health, a redirect, which is not followed" in see(status(302, Location="/login")).reason
    )


def test_megabytes_are_cut_and_it_says_so(see: Any) -> None:
    seen = see(huge(5_000_000))
    assert seen.state == DOWN
    assert "The answer is longer than 256 kB and was cut." in seen.reason


def test_of_numbers_that_are_too_long_what_was_read_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    body = SPRING.encode() + b"other_metric 1\n" * 350_000
    with receiver(actuator(numbers=status(200, body))) as server:
        monkeypatch.setenv("APP_URL", server.url(""))
        numbers = read_numbers("env:APP_URL", 10.0)
    assert len(body) > 5_000_000
    assert len(numbers.figures) == 12
    assert numbers.note == "The answer is longer than 1,024 kB and was cut."


def test_a_line_that_was_cut_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of 143.0 would be 14."""
    padding = b"x" * (
        application.LARGEST_NUMBERS - len("jvm_threads_daemon_threads 1\n") - len("jvm_threads_live_threads 14") - 2
    )
    body = b"jvm_threads_daemon_threads 1\n" + b"# " + padding[:-1] + b"\njvm_threads_live_threads 143\n"
    with receiver(actuator(numbers=status(200, body))) as server:
        monkeypatch.setenv("APP_URL", server.url(""))
        assert read_numbers("env:APP_URL", 10.0).figures == {"threads_daemon": 1.0}


@pytest.mark.parametrize("answer", [silent, drip(b"HTTP/1.1 200 OK\r\n")])
def test_one_that_never_answers_is_timed_out(see: Any, answer: Answer) -> None:
    began = time.monotonic()
    seen = see(answer, seconds=0.5)
    assert time.monotonic() - began < 5
    assert (seen.state, seen.answered) == (DOWN, False)
    assert "did not answer within 0.5 s" in seen.reason


def test_one_whose_body_never_ends_is_cut(see: Any) -> None:
    seen = see(drip(b"HTTP/1.1 200 OK\r\n\r\n{"), seconds=0.5)
    assert (seen.state, seen.answered) == (DOWN, True)
    assert "The answer did not end in time and was cut after" in seen.reason


def test_one_that_breaks_off_is_not_said_to_be_late(see: Any) -> None:
    seen = see(raw(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"status":"UP"'), seconds=10.0)
    assert (seen.state, seen.answered) == (DOWN, True)
    assert "The connection broke off after 14 bytes of the answer." in seen.reason


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (status(401), "user or password are wrong, or missing"),
        (status(404, b'{"status":404}'), "there is no /actuator/health under its address"),
        (status(200, b"[" * 200_000), "but not with the health of an application"),
        (status(200, b'{"status": 5}'), "but not with the health of an application"),
        (status(200, b"\xff\xfe"), "but not with the health of an application"),
        (status(500), "It answers 500 Internal Server Error at /actuator/health"),
    ],
)
def test_other_answers_are_down_with_the_reason(see: Any, answer: Answer, says: str) -> None:
    seen = see(answer)
    assert (seen.state, seen.answered) == (DOWN, True)
    assert says in seen.reason


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_URL", f"http://127.0.0.1:{free_port()}")
    seen = look(Order({}, 1.0, "env:APP_URL"))
    assert (seen.state, seen.answered) == (DOWN, False)


@pytest.mark.parametrize(
    "numbers", [status(404), silent, drip(b"HTTP/1.1 200 OK\r\n"), drip(b"HTTP/1.1 200 OK\r\n\r\n"), huge(5_000_000)]
)
def test_numbers_that_are_not_there_are_none_within_their_time(
    numbers: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(actuator(numbers=numbers)) as server:
        monkeypatch.setenv("APP_URL", server.url(""))
        seen = look(Order({}, 5.0, "env:APP_URL"))
        began = time.monotonic()
        assert told(seen, 0.5) == {}
    assert time.monotonic() - began < 3
    assert seen.state == UP


def test_one_that_is_no_application_is_not_asked_for_numbers(see: Any) -> None:
    for answer in (status(401), status(200, SIGN_IN), status(500)):
        assert see(answer).numbers is None


def test_user_and_password_go_to_the_application_and_are_never_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(actuator()) as server:
        monkeypatch.setenv("APP_URL", f"http://ops:hunt%40r2@127.0.0.1:{server.port}")
        assert look(Order({}, 5.0, "env:APP_URL")).state == UP
        sent = {request.headers["Authorization"] for request in server.received}
    assert sent == {"Basic " + base64.b64encode(b"ops:hunt@r2").decode()}
    seen = look(Order({}, 5.0, "env:APP_URL"))
    assert seen.state == DOWN
    assert "hunt" not in seen.reason


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host",
        "host:8080",
        "https://ops:hunter2@host:port",
        "https://host?token=hunter2",
        "https://host#hunter2",
        "https://[",
    ],
)
def test_what_is_no_address_is_refused_without_quoting_it(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("APP_URL", url)
    with pytest.raises(ConnectionProblem) as refused:
        read_health("env:APP_URL", 1.0)
    assert refused.value.part == "reference"
    assert "does not hold the address of an application" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_private_address_that_is_not_listed_is_refused(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.HTTP_ALLOWED_PRIVATE = []
    with receiver(actuator()) as server:
        monkeypatch.setenv("APP_URL", server.url(""))
        assert "List it in HTTP_ALLOWED_PRIVATE" in look(Order({}, 1.0, "env:APP_URL")).reason
    assert server.received == []


def test_names_of_components_are_cut_and_made_printable(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"status":"UP","components":{"a\\u0000\\u202e' + b"x" * 200 + b'":{"status":"DOWN"}}}'
    with receiver(status(200, body)) as server:
        monkeypatch.setenv("APP_URL", server.url(""))
        (name,) = read_health("env:APP_URL", 5.0).components
    assert name == "a " + "x" * 38


def test_one_whose_address_stands_nowhere_is_down_whatever_the_network_does() -> None:
    seen = look(Order({}, 5.0, "env:NO_SUCH_APP"))
    assert (seen.state, seen.answered) == (DOWN, True)
    assert "The environment variable NO_SUCH_APP is not set here" in seen.reason
