"""A real HTTP receiver on loopback that keeps what it gets, and answers as a test says."""

from __future__ import annotations

import contextlib
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

Answer = Callable[["Exchange"], None]


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Listens at `port`. Each request gets the next of `answers`, the last one for ever."""

    answers: list[Answer] = field(default_factory=lambda: [status(200)])
    received: list[Received] = field(default_factory=list)
    closing: Event = field(default_factory=Event)
    port: int = 0
    scheme: str = "http"
    sent: int = 0

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Exchange(BaseHTTPRequestHandler):
    """One request at a receiver; `wfile` is the socket, unbuffered."""

    receiver: Receiver

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.receiver.received.append(Received(self.command, self.path, dict(self.headers.items()), body))
        with contextlib.suppress(OSError):
            self.receiver.next_answer()(self)

    do_GET = do_POST = handle_any  # noqa: N815  # the names are the base's

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the base's
        """Say nothing."""


@contextmanager
def receiver(*answers: Answer, certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver that answers with `answers`; over TLS with a `certificate` (and its key in the same file)."""
    made = Receiver(list(answers) or [status(200)])
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Exchange,), {"receiver": made}))
    server.daemon_threads = True
    made.port = server.server_address[1]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        made.scheme = "https"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Answer with a status, such as `status(302, Location="…")`."""

    def answer(exchange: Exchange) -> None:
        exchange.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            exchange.send_header(name, value)
        exchange.end_headers()
        exchange.wfile.write(body)

    return answer


def silent(exchange: Exchange) -> None:
    """Say nothing until the receiver closes."""
    exchange.receiver.closing.wait(30)


def hang_up(exchange: Exchange) -> None:
    """Close without an answer."""


def raw(text: bytes) -> Answer:
    """Answer with these bytes and nothing else."""

    def answer(exchange: Exchange) -> None:
        exchange.wfile.write(text)

    return answer


def huge(size: int) -> Answer:
    """A good answer with a body of `size` bytes; `Receiver.sent` counts those that the other side took."""

    def answer(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", str(size))
        exchange.end_headers()
        piece = b"x" * 65_536
        while exchange.receiver.sent < size:
            exchange.wfile.write(piece)
            exchange.receiver.sent += len(piece)

    return answer


def drip(start: bytes) -> Answer:
    """Send `start`, then a byte every 20 ms, for as long as anybody listens, at most 10 s."""

    def answer(exchange: Exchange) -> None:
        exchange.wfile.write(start)
        for _ in range(500):
            if exchange.receiver.closing.wait(0.02):
                return
            exchange.wfile.write(b"x")

    return answer


_listeners: list[list[str]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _listeners and isinstance(arguments[1], tuple):
        for heard in _listeners:
            heard.append(str(arguments[1][0]))


sys.addaudithook(_hear)


@contextmanager
def connections() -> Iterator[list[str]]:
    """The addresses that anything in this process tries to connect to meanwhile, as the interpreter itself reports."""
    heard: list[str] = []
    _listeners.append(heard)
    try:
        yield heard
    finally:
        _listeners.remove(heard)
