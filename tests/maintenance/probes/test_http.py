"""The HTTP probe, at real servers that behave and misbehave."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from maintenance.probes import http
from maintenance.probes.kind import BadParameter, Look, Order
from maintenance.rules.probe_states import DOWN, UP
from tests.receivers import connections, drip, hang_up, huge, raw, receiver, silent, status
from tests.services import free_port

CERTIFICATE = Path(__file__).parents[2] / "http" / "certificates" / "receiver.test.pem"


@pytest.fixture(autouse=True)
def _loopback_may_be_called(settings: Any) -> None:
    settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]


def look(url: str, *, seconds: float = 5.0, **parameters: Any) -> Look:
    given = http.check({"url": url, "statuses": "200-299", **parameters})
    return http.look(Order(given, seconds))


def test_a_page_that_answers_is_up() -> None:
    with receiver(status(200, b"fine")) as server:
        assert look(server.url()) == Look(UP)
        assert server.received[0].method == "GET"


@pytest.mark.parametrize(
    ("code", "statuses", "state"),
    [
        (204, "200-299", UP),
        (500, "200-299", DOWN),
        (503, "200-299", DOWN),
        (401, "200-299, 401", UP),
        (200, "401", DOWN),
        (404, "200-299", DOWN),
    ],
)
def test_the_status_must_be_a_good_one(code: int, statuses: str, state: str) -> None:
    with receiver(status(code)) as server:
        assert look(server.url(), statuses=statuses).state == state


def test_words_that_a_body_which_breaks_off_may_have_held_are_not_said_to_be_missing() -> None:
    with receiver(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nWelco")) as server:
        seen = look(server.url(), expects="Welcome")
    assert seen.reason == "It answers 200 and breaks off after 5 bytes, without “Welcome”."


def test_it_says_which_status_came() -> None:
    with receiver(status(500)) as server:
        seen = look(server.url())
    assert (seen.reason, seen.answered) == ("It answers 500 Internal Server Error.", True)


def test_a_sign_in_page_that_answers_200_is_not_the_page_that_was_meant() -> None:
    with receiver(status(200, b"<h1>Sign in</h1>"), status(200, "<h1>Übersicht</h1>".encode())) as server:
        seen = look(server.url(), expects="Übersicht")
        assert seen.state == DOWN
        assert seen.reason == "It answers 200, but “Übersicht” is not in the answer."
        assert look(server.url(), expects="Übersicht").state == UP


def test_a_redirect_is_not_followed_unless_it_is_said() -> None:
    with receiver(status(200)) as home, receiver(status(302, Location=home.url("/login"))) as server:
        seen = look(server.url())
        assert (seen.state, seen.reason) == (DOWN, "It answers 302 Found, a redirect, which is not followed.")
        assert home.received == []
        assert look(server.url(), statuses="302").state == UP
        assert look(server.url(), follow=True).state == UP
        assert [request.path for request in home.received] == ["/login"]


def test_a_redirect_into_a_network_that_is_not_allowed_is_refused() -> None:
    with receiver(status(302, Location="http://169.254.169.254/latest/")) as server, connections() as heard:
        seen = look(server.url(), follow=True)
    assert "It is never called." in seen.reason
    assert "169.254.169.254" not in heard


def test_a_private_address_that_is_not_listed_is_refused_in_words(settings: Any) -> None:
    settings.HTTP_ALLOWED_PRIVATE = []
    with receiver() as server:
        seen = look(server.url())
    assert (seen.state, seen.answered) == (DOWN, False)
    assert "is a private address. List it in HTTP_ALLOWED_PRIVATE if it is to be called." in seen.reason
    assert server.received == []


def test_a_body_of_megabytes_is_read_to_the_limit_only() -> None:
    with receiver(huge(5_000_000)) as server:
        seen = look(server.url(), expects="the end")
        assert "is not in the first 262,144 bytes of the answer" in seen.reason
        assert server.sent < 5_000_000
    with receiver(huge(5_000_000)) as server:
        assert look(server.url()).state == UP, "without words to look for the body does not count"


@pytest.mark.parametrize("answer", [silent, drip(b"HTTP/1.1 200 OK\r\n")])
def test_the_time_is_for_the_whole_look_and_not_for_a_byte(answer: Any) -> None:
    with receiver(answer) as server:
        began = time.monotonic()
        seen = look(server.url(), seconds=0.5)
        assert time.monotonic() - began < 5
    assert (seen.state, seen.answered) == (DOWN, False)
    assert "did not answer within 0.5 s" in seen.reason


def test_a_port_where_nobody_listens_and_a_server_that_hangs_up() -> None:
    assert "could not be reached: connection refused" in look(f"http://127.0.0.1:{free_port()}/").reason
    for answer in (hang_up, raw(b"what?\r\n\r\n")):
        with receiver(answer) as server:
            assert look(server.url()).state == DOWN


def test_a_certificate_that_nobody_trusts_is_down() -> None:
    with receiver(status(200), certificate=CERTIFICATE) as server:
        seen = look(server.url())
    assert seen.state == DOWN
    assert "is not trusted" in seen.reason


def test_no_path_and_no_parameter_of_the_address_is_said() -> None:
    url = f"http://127.0.0.1:{free_port()}/secret?token=hunter2"
    assert "secret" not in look(url).reason
    assert "hunter2" not in http.place({"url": url})


def test_an_address_that_holds_a_secret_stands_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(status(200)) as server:
        monkeypatch.setenv("PAGE_URL", f"http://alice:hunter2@127.0.0.1:{server.port}/health?token=hunter2")
        assert look("env:PAGE_URL") == Look(UP)
        assert server.received[0].headers["Authorization"].startswith("Basic ")
    seen = look("env:PAGE_URL")
    assert seen.state == DOWN
    assert "hunter2" not in seen.reason
    assert http.place({"url": "env:PAGE_URL"}) == "env:PAGE_URL"
    unset = look("env:NO_SUCH_URL")
    assert "The environment variable NO_SUCH_URL is not set here" in unset.reason
    assert unset.answered, "that is no matter of the network"
    monkeypatch.setenv("PAGE_URL", "hunter2")
    assert "hunter2" not in look("env:PAGE_URL").reason


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"url": ""}, "url", "Write an address such as"),
        ({"url": "own"}, "url", "Write an address such as"),
        ({"url": "ftp://host/"}, "url", "Write an address such as"),
        ({"url": "http://"}, "url", "Write an address such as"),
        ({"url": "http://host:99999/"}, "url", "Write an address such as"),
        ({"url": "http://ho st/"}, "url", "Write an address such as"),
        ({"url": "http://[::1/"}, "url", "Write an address such as"),
        ({"url": "https://alice:hunter2@host/"}, "url", "with a user or password is not kept"),
        ({"url": "http://host/" + "a" * 10_000}, "url", "At most 2,000 characters, not 10,012."),
        ({"url": "http://host/\0"}, "url", "Null characters"),
        ({"url": "http://host/", "statuses": "all"}, "statuses", "'all' is no status"),
        ({"url": "http://host/", "statuses": "299-200"}, "statuses", "'299-200' is no status"),
        ({"url": "http://host/", "statuses": "700"}, "statuses", "'700' is no status"),
        ({"url": "http://host/", "statuses": ","}, "statuses", "at least one status"),
        ({"url": "http://host/", "expects": "字" * 201}, "expects", "At most 200 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_words(given: dict[str, str], field: str, says: str) -> None:
    with pytest.raises(BadParameter, match=r".*") as refused:
        http.check(given)
    assert refused.value.name == field
    assert says in str(refused.value)
    assert "hunter2" not in str(refused.value)
