"""Servers on loopback that are not what the URL promises."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Behaviour = Callable[[socket.socket], None]
SSL_REQUEST = struct.pack("!II", 8, 80877103)


@contextmanager
def impostor(behave: Behaviour) -> Iterator[int]:
    """Listen on a port of loopback and do `behave` with every connection; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                threading.Thread(target=attend, args=(caller,), daemon=True).start()

        def attend(caller: socket.socket) -> None:
            with caller, contextlib.suppress(OSError):
                behave(caller)

        threading.Thread(target=serve, daemon=True).start()
        yield door.getsockname()[1]
        # Wakes the accept.
        door.shutdown(socket.SHUT_RDWR)


def refusing(sqlstate: str, message: str) -> Behaviour:
    """A PostgreSQL that refuses every session with this code, in a language of its own."""
    fields = b"".join(
        kind + text.encode() + b"\0"
        for kind, text in ((b"S", "FATAAL"), (b"V", "FATAL"), (b"C", sqlstate), (b"M", message))
    )
    reply = b"E" + struct.pack("!I", len(fields) + 5) + fields + b"\0"

    def behave(caller: socket.socket) -> None:
        if caller.recv(8) == SSL_REQUEST:
            caller.sendall(b"N")
            caller.recv(1024)
        caller.sendall(reply)

    return behave


def silent(caller: socket.socket) -> None:
    """Takes the connection and never says anything."""
    while caller.recv(1024):
        pass


def talking_nonsense(caller: socket.socket) -> None:
    """Some other service."""
    caller.recv(1024)
    caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def with_certificate(certificate: Path) -> Behaviour:
    """A PostgreSQL with a certificate that nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def behave(caller: socket.socket) -> None:
        caller.recv(8)
        caller.sendall(b"S")
        with context.wrap_socket(caller, server_side=True) as secured:
            secured.recv(1024)

    return behave
