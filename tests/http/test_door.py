"""The door with real servers: what it refuses, how it ends, what it never says."""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import urllib3.util.connection

from tests.receivers import (
    connections,
    drip,
    hang_up,
    huge,
    raw,
    receiver,
    silent,
    status,
)
from zbmaint import http

CERTIFICATE = Path(__file__).parent / "certificates" / "receiver.test.pem"
LIMIT = 65_536


@pytest.fixture(autouse=True)
def _loopback_allowed(settings: Any) -> None:
    settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.0/8"]


def post(url: str, *, seconds: float = 5.0, **options: Any) -> http.Answer:
    return http.request("POST", url, body=b"{}", seconds=seconds, **options)


def problem(url: str, *, seconds: float = 5.0, **options: Any) -> str:
    with pytest.raises(http.HttpProblem) as caught:
        post(url, seconds=seconds, **options)
    return str(caught.value)


def what_comes(url: str) -> str:
    """The answer or the problem, as text."""
    try:
        return str(post(url))
    except http.HttpProblem as error:
        return str(error)


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let the name server give `answers` one after the other, the last one for ever; returns what it is asked."""
    asked: list[str] = []
    left, real = list(answers), socket.getaddrinfo

    def getaddrinfo(host: str, port: int | None, *rest: Any, **more: Any) -> list[Any]:
        if host[0].isdigit():
            return list(real(host, port, *rest, **more))
        asked.append(host)
        now = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in now]

    monkeypatch.setattr("zbmaint.http.door.socket.getaddrinfo", getaddrinfo)
    return asked


class TestAnswers:
    def test_it_sends_method_headers_and_body_and_reads_the_answer(self) -> None:
        with receiver(status(201, b"made")) as server:
            answer = post(server.url("/a/b?c=d"), headers={"X-Test": "1"})
        assert (answer.status, answer.reason, answer.body, answer.complete) == (201, "Created", b"made", True)
        seen = server.received[0]
        assert (seen.method, seen.path, seen.body) == ("POST", "/a/b?c=d", b"{}")
        assert (seen.headers["X-Test"], seen.headers["Content-Length"]) == ("1", "2")
        assert (seen.headers["Host"], seen.headers["User-Agent"]) == (f"127.0.0.1:{server.port}", "zbmaint")

    @pytest.mark.parametrize("code", [204, 400, 404, 413, 429, 500, 503])
    def test_any_status_is_an_answer(self, code: int) -> None:
        with receiver(status(code)) as server:
            assert post(server.url()).status == code

    def test_a_name_and_password_in_the_url_become_a_header(self) -> None:
        with receiver() as server:
            post(server.url().replace("//", "//u%40x:p%2Fw@"))
        assert server.received[0].headers["Authorization"] == "Basic dUB4OnAvdw=="

    def test_proxies_of_the_environment_are_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with receiver() as proxy, receiver() as server:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url(""))
            post(server.url())
        assert (len(proxy.received), len(server.received)) == (0, 1)

    def test_an_answer_before_everything_was_read_counts(self) -> None:
        body = b"x" * 20_000_000  # of which the receiver reads nothing
        with receiver() as server:
            server.answers = [status(413)]
            answer = http.request("POST", server.url(), body=body, headers={"Content-Length": "0"}, seconds=10)
        assert answer.status == 413


class TestLimits:
    def test_an_answer_of_50_mb_is_cut_at_the_limit(self) -> None:
        with receiver(huge(50_000_000)) as server:
            answer = post(server.url(), max_bytes=LIMIT)
        assert (answer.status, len(answer.body), answer.complete) == (200, LIMIT, False)
        assert server.sent < 10_000_000

    def test_an_answer_of_just_the_limit_is_complete(self) -> None:
        with receiver(status(200, b"x" * LIMIT)) as server:
            answer = post(server.url(), max_bytes=LIMIT)
        assert (len(answer.body), answer.complete) == (LIMIT, True)

    def test_a_server_that_never_answers_costs_the_deadline(self) -> None:
        with receiver(silent) as server:
            began = time.monotonic()
            # What is left of a time-out has many figures; people read a tenth.
            said = problem(server.url("/secret-path"), seconds=0.398894)
            took = time.monotonic() - began
        assert said == f"127.0.0.1:{server.port} did not answer within 0.4 s."
        assert 0.35 < took < 1.5

    @pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Long: "])
    def test_a_server_that_drips_its_head_costs_the_deadline(self, start: bytes) -> None:
        with receiver(drip(start)) as server:
            began = time.monotonic()
            assert "did not answer within 0.5 s" in problem(server.url(), seconds=0.5)
            assert time.monotonic() - began < 1.6

    @pytest.mark.parametrize("more", [b"", b"Content-Length: 100000\r\n"])
    def test_a_body_that_drips_ends_at_the_deadline_and_the_status_counts(self, more: bytes) -> None:
        with receiver(drip(b"HTTP/1.1 200 OK\r\n" + more + b"\r\n")) as server:
            began = time.monotonic()
            answer = post(server.url(), seconds=0.5)
            took = time.monotonic() - began
        assert (answer.status, answer.complete) == (200, False)
        assert 0.4 < took < 1.6
        assert len(answer.body) < 200

    def test_a_name_that_is_never_resolved_costs_the_time_to_connect(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with receiver(silent) as server:
            monkeypatch.setattr("zbmaint.http.door.socket.getaddrinfo", lambda *_, **__: [server.closing.wait(10)][:0])
            said = problem("http://slow.example.org/", connect_seconds=0.3)
        assert said == "The name slow.example.org was not resolved in time."


class TestTrouble:
    def test_nobody_listens(self) -> None:
        with receiver() as server:
            url = server.url()
        assert problem(url) == f"127.0.0.1:{server.port} could not be reached: connection refused."

    def test_nobody_takes_the_connection(self) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as others:
            for _ in range(4):
                other = others.enter_context(socket.socket())
                other.setblocking(False)
                other.connect_ex(full.getsockname())
            began = time.monotonic()
            said = problem(f"http://127.0.0.1:{full.getsockname()[1]}/", connect_seconds=0.4)
            assert time.monotonic() - began < 1.5
        assert "could not be reached within 0.4 s" in said

    def test_it_hangs_up(self) -> None:
        with receiver(hang_up) as server:
            assert "broke off: it closed the connection without an answer" in problem(server.url())

    @pytest.mark.parametrize("text", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\0" * 300, b"HTTP/1.1 abc\r\n\r\n"])
    def test_it_does_not_speak_http(self, text: bytes) -> None:
        with receiver(raw(text)) as server:
            assert problem(server.url()) == f"127.0.0.1:{server.port} broke off: what it sends is not HTTP."

    def test_a_name_that_does_not_exist(self) -> None:
        said = problem("http://no-such-host.invalid/")
        assert said.startswith("The name no-such-host.invalid cannot be resolved")

    @pytest.mark.parametrize(
        "url",
        ["", "hooks.example.org/x", "ftp://example.org/", "file:///etc/passwd", "http://", "http://[::1", "http:///x",
         "http://a:b:c/", "http://example.org:99999/", "http://exa mple.org/", "gopher://example.org/"],
    )  # fmt: skip
    def test_a_malformed_url_is_not_quoted(self, url: str) -> None:
        with connections() as heard:
            said = problem(url)
        assert said == "The URL is malformed: it must look like https://host.example.org/path."
        assert heard == []

    def test_a_malformed_allow_list_is_said(self, settings: Any) -> None:
        settings.HTTP_ALLOWED_PRIVATE = ["10.0.0.0/99"]
        assert problem("http://127.0.0.1:1/").startswith("HTTP_ALLOWED_PRIVATE is malformed: '10.0.0.0/99' is no")

    def test_what_fails_or_is_odd_never_shows_the_path_in_a_log(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)  # of the root; other loggers are as the product sets them
        odd = raw(b"HTTP/1.1 200 OK\r\nno colon here\r\nA: b\r\n\r\n")
        said: list[str] = []
        for answer in (odd, hang_up, status(500), status(302, Location="/else/hunter2")):
            with receiver(answer) as server:
                said.append(what_comes(server.url("/hunter2?token=hunter2").replace("//", "//me:hunter2@")))
        assert "hunter2" not in caplog.text + str(said)


class TestAddresses:
    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"],
    )
    def test_loopback_in_any_spelling_is_refused_unless_listed(self, settings: Any, host: str) -> None:
        settings.HTTP_ALLOWED_PRIVATE = []
        with receiver() as server, connections() as heard:
            said = problem(server.url(host=host))
        assert "is a private address. List it in HTTP_ALLOWED_PRIVATE" in said
        assert (heard, server.received) == ([], [])

    @pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:169.254.169.254]", "0.0.0.0", "[fe80::1]", "0"])
    def test_what_is_never_called_is_refused_though_everything_is_listed(self, settings: Any, host: str) -> None:
        settings.HTTP_ALLOWED_PRIVATE = ["0.0.0.0/0", "::/0"]
        with connections() as heard:
            assert "never called" in problem(f"http://{host}/latest/meta-data/")
        assert heard == []

    def test_a_name_that_leads_to_a_private_address_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        resolve_to(monkeypatch, ["10.20.30.40"])
        with connections() as heard:
            said = problem("https://innocent.example.org/")
        assert "innocent.example.org (10.20.30.40) is a private address" in said
        assert heard == []

    def test_a_name_with_several_addresses_is_called_at_one_that_is_allowed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with receiver() as server, connections() as heard:
            resolve_to(monkeypatch, ["169.254.169.254", "10.1.1.1", "127.0.0.1"])
            assert post(server.url(host="mixed.example.org")).status == 200
        assert heard == ["127.0.0.1"]

    def test_the_connection_goes_to_the_address_that_was_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A name server that answers something else the second time is not asked a second time."""
        with receiver() as server, connections() as heard:
            asked = resolve_to(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
            assert post(server.url(host="rebinding.example.org")).status == 200
        assert heard == ["127.0.0.1"]
        assert asked == ["rebinding.example.org"]
        assert server.received[0].headers["Host"] == f"rebinding.example.org:{server.port}"

    def test_a_host_that_is_listed_by_name_may_be_private(self, settings: Any) -> None:
        settings.HTTP_ALLOWED_PRIVATE = ["localhost"]
        with receiver() as server:
            assert post(server.url(host="localhost")).status == 200
            assert "private address" in problem(server.url(host="127.0.0.1"))


class TestRedirects:
    @pytest.mark.parametrize("code", [301, 302, 307, 308])
    def test_they_are_followed_with_the_same_method_headers_and_body(self, code: int) -> None:
        with receiver() as second, receiver(status(code, Location=second.url("/new"))) as first:
            assert post(first.url(), headers={"X-Test": "1"}).status == 200
        seen = second.received[0]
        assert (seen.method, seen.path, seen.body, seen.headers["X-Test"]) == ("POST", "/new", b"{}", "1")
        assert seen.headers["Host"] == f"127.0.0.1:{second.port}"

    def test_a_relative_one_stays_on_its_host(self) -> None:
        with receiver(status(302, Location="../moved?x=1"), status(200)) as server:
            assert post(server.url("/a/b/c")).status == 200
        assert [seen.path for seen in server.received] == ["/a/b/c", "/a/moved?x=1"]

    def test_303_is_an_answer_and_not_followed(self) -> None:
        with receiver(status(303, Location="/done")) as server:
            assert post(server.url()).status == 303
        assert len(server.received) == 1

    @pytest.mark.parametrize("location", ["http://169.254.169.254/latest/", "http://[::ffff:a9fe:a9fe]/", "//0.0.0.0/"])
    def test_one_to_the_metadata_service_is_refused_and_no_packet_sent(self, location: str) -> None:
        with receiver(status(302, Location=location)) as server, connections() as heard:
            assert "never called" in problem(server.url())
        assert heard == ["127.0.0.1"]
        assert len(server.received) == 1

    def test_one_to_a_private_address_is_refused(self, settings: Any) -> None:
        settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]
        with receiver(status(302, Location="http://127.0.0.2:9/")) as server, connections() as heard:
            assert "127.0.0.2 is a private address" in problem(server.url())
        assert heard == ["127.0.0.1"]

    def test_one_that_is_not_to_be_followed_is_an_answer(self) -> None:
        with receiver(status(302, Location="/elsewhere")) as server:
            answer = http.request("GET", server.url(), seconds=5, follow=False)
        assert (answer.status, len(server.received)) == (302, 1)

    def test_a_loop_ends(self) -> None:
        with receiver(status(302, Location="/hook")) as server:
            assert problem(server.url()) == f"127.0.0.1:{server.port} redirects more than 3 times."
        assert len(server.received) == 4

    @pytest.mark.parametrize("location", ["ftp://example.org/", "http://[", "file:///etc/passwd", "javascript:x"])
    def test_one_to_something_else_than_http_is_refused(self, location: str) -> None:
        with receiver(status(302, Location=location)) as server:
            assert "redirects to an address that is malformed" in problem(server.url())

    def test_a_password_does_not_go_along(self) -> None:
        with receiver() as second, receiver(status(307, Location=second.url())) as first:
            post(first.url().replace("//", "//me:pw@"))
        assert "Authorization" in first.received[0].headers
        assert "Authorization" not in second.received[0].headers

    def test_the_deadline_is_for_all_of_them_together(self) -> None:
        with receiver(status(302, Location="/hook"), silent) as server:
            began = time.monotonic()
            assert "did not answer" in problem(server.url(), seconds=0.5)
            assert time.monotonic() - began < 1.6


class TestTls:
    def test_the_certificate_must_be_trusted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        resolve_to(monkeypatch, ["127.0.0.1"])
        with receiver(certificate=CERTIFICATE) as server:
            said = problem(server.url(host="receiver.test"))
        assert said.startswith(f"The certificate of receiver.test:{server.port} is not trusted: self")
        assert server.received == []

    def test_the_name_in_it_must_be_the_hosts_though_the_address_is_called(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        resolve_to(monkeypatch, ["127.0.0.1"])
        with receiver(certificate=CERTIFICATE) as server:
            assert post(server.url(host="receiver.test")).status == 200
            said = problem(server.url(host="other.test"))
        assert "is not trusted: Hostname mismatch" in said
        assert [seen.headers["Host"] for seen in server.received] == [f"receiver.test:{server.port}"]

    def test_https_is_never_left_for_http(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        resolve_to(monkeypatch, ["127.0.0.1"])
        with receiver() as plain, receiver(status(302, Location=plain.url()), certificate=CERTIFICATE) as server:
            assert "redirects from https to http" in problem(server.url(host="receiver.test"))
        assert plain.received == []

    def test_a_server_without_tls_is_named(self) -> None:
        with receiver(raw(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
            assert "does not speak TLS" in problem(server.url().replace("http:", "https:"))

    def test_a_handshake_that_never_ends_costs_the_time_to_connect(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            began = time.monotonic()
            said = problem(f"https://127.0.0.1:{mute.getsockname()[1]}/", connect_seconds=0.4)
            assert time.monotonic() - began < 1.5
        assert "could not be reached within 0.4 s" in said

    def test_a_slow_connection_leaves_the_handshake_what_is_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        connect = urllib3.util.connection.create_connection

        def slowly(*given: Any, **more: Any) -> socket.socket:
            Event().wait(1.2)
            return connect(*given, **more)

        monkeypatch.setattr("urllib3.util.connection.create_connection", slowly)
        with socket.create_server(("127.0.0.1", 0)) as mute:
            began = time.monotonic()
            said = problem(f"https://127.0.0.1:{mute.getsockname()[1]}/", connect_seconds=1.5)
            assert time.monotonic() - began < 2.2
        assert "could not be reached within 1.5 s" in said

    def test_a_handshake_that_drips_costs_the_time_to_connect(self) -> None:
        closing = Event()
        with socket.create_server(("127.0.0.1", 0)) as dripping:

            def begin_a_record() -> None:
                other, _ = dripping.accept()
                with other, contextlib.suppress(OSError):
                    other.sendall(b"\x16\x03\x03\x3f\x00")
                    while not closing.wait(0.02):
                        other.sendall(b"x")

            thread = Thread(target=begin_a_record, daemon=True)
            thread.start()
            began = time.monotonic()
            said = problem(f"https://127.0.0.1:{dripping.getsockname()[1]}/", connect_seconds=0.4)
            assert 0.3 < time.monotonic() - began < 1.5
            closing.set()
            thread.join(5)
        assert "could not be reached within 0.4 s" in said

    def test_drip_feeding_over_tls_costs_the_deadline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        resolve_to(monkeypatch, ["127.0.0.1"])
        with receiver(drip(b"HTTP/1.1 200 OK\r\nX-Long: "), certificate=CERTIFICATE) as server:
            began = time.monotonic()
            assert "did not answer within 0.5 s" in problem(server.url(host="receiver.test"), seconds=0.5)
            assert time.monotonic() - began < 1.6
