"""An authority of the tests, and servers with certificates of it, made by openssl."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

from tests.maintenance.connectors.impostors import impostor

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
AUTHORITY = "/O=ZbInnovation Tests/CN=Root 1"


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `file` is to be trusted."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "root.pem"

    def certificate(self, days: int, name: str = "DNS:localhost") -> Path:
        """The certificate and key of a server for `name` that is valid for `days` from now (below 0: was)."""
        made = self.folder / f"{name.replace(':', '-')}-{days}"
        request, key, signed, extra = (made.with_suffix(end) for end in (".csr", ".key", ".crt", ".ext"))
        extra.write_text(f"subjectAltName={name}\n")
        openssl("req", "-new", *KEY, "-subj", "/CN=server", "-keyout", key, "-out", request)
        openssl(
            *("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.folder / "root.key"),
            *("-CAcreateserial", "-days", days, "-extfile", extra, "-out", signed),
        )
        both = made.with_suffix(".pem")
        both.write_bytes(key.read_bytes() + signed.read_bytes())
        return both


def make_authority(folder: Path, subject: str = AUTHORITY) -> Authority:
    folder.mkdir(exist_ok=True)
    openssl(
        *("req", "-x509", *KEY, "-utf8", "-days", 30, "-subj", subject),
        *("-keyout", folder / "root.key", "-out", folder / "root.pem"),
    )
    return Authority(folder)


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """A server that shakes hands and says nothing; yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def shake(caller: socket) -> None:
        with context.wrap_socket(caller, server_side=True) as secure:
            secure.recv(1)

    with impostor(shake) as port:
        yield port
