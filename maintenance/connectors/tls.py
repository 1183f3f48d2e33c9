"""A TLS server: the certificate that it shows, and whether it is to be trusted."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from maintenance.connectors.certificates import Certificate, read_certificate
from maintenance.connectors.deadline import within
from maintenance.connectors.problems import ConnectionProblem
from zbmaint import http
from zbmaint.http.policy import read_allowed, refusal

# What OpenSSL calls these problems of a certificate.
_NOT_YET, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64
_WORDS: Final = {
    _NOT_YET: "is not valid yet",
    _EXPIRED: "has expired",
    _OTHER_NAME: "is for another name",
    _OTHER_ADDRESS: "is for another address",
}


@dataclass(frozen=True)
class Shown:
    """What a server has shown. `distrust` says what is wrong with it, as "has expired"; empty: it is trusted.

    `certificate` is None when it cannot be read.
    """

    certificate: Certificate | None
    distrust: str = ""


def look_at(host: str, port: int, seconds: float) -> Shown:
    """Shake hands with `host` and look at its certificate, all within about `seconds`.

    Raises ConnectionProblem: part `host` when it cannot be reached, may not be called or does not answer in time, part
    `server` when what answers speaks no TLS that is understood.
    """
    deadline = time.monotonic() + seconds
    problem = ConnectionProblem("host", f"{host} has no address.")
    for address in _addresses(host, port, deadline, seconds):
        try:
            return Shown(_read(_shake(address, port, host, http.trust(), deadline)))
        except ssl.SSLCertVerificationError as error:
            # By number: the words hold what the server said.
            distrust = _WORDS.get(error.verify_code, f"is not trusted ({error.verify_message.rstrip('.')[:80]})")
            return Shown(_untrusted(address, port, host, deadline), distrust)
        except (OSError, ValueError) as error:
            problem = _in_words(error, f"{host}:{port}", seconds)
            if isinstance(error, ssl.SSLError):
                break
    raise problem


def _addresses(host: str, port: int, deadline: float, seconds: float) -> list[str]:
    """The addresses of `host` that may be called, at least one. Connections go to these and no others."""
    try:
        allowed = read_allowed(settings.HTTP_ALLOWED_PRIVATE)
    except ValueError as error:
        raise ConnectionProblem("host", f"HTTP_ALLOWED_PRIVATE is malformed: {error}.") from None
    try:
        rows = within(_left(deadline), lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except TimeoutError:
        raise ConnectionProblem("host", f"The name {host} was not resolved within {seconds:g} s.") from None
    except (OSError, UnicodeError):
        raise ConnectionProblem("host", f"The name {host} cannot be resolved.") from None
    answers = {address: refusal(address, host, allowed) for address in (str(row[4][0]) for row in rows)}
    found = [address for address, refused in answers.items() if refused is None]
    if not found:
        raise ConnectionProblem("host", next(filter(None, answers.values()), f"{host} has no address."))
    return found


def _shake(address: str, port: int, host: str, context: ssl.SSLContext, deadline: float) -> bytes:
    """The certificate that `address` shows to who asks for `host`, as bytes. Raises OSError."""
    with socket.create_connection((address, port), _left(deadline)) as plain:
        plain.settimeout(_left(deadline))
        with context.wrap_socket(plain, server_hostname=host) as secure:
            return secure.getpeercert(binary_form=True) or b""


def _untrusted(address: str, port: int, host: str, deadline: float) -> Certificate | None:
    """A certificate that is not trusted, to say until when it was valid; nothing is sent to its server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError, ValueError):
        return _read(_shake(address, port, host, context, deadline))
    return None


def _read(der: bytes) -> Certificate | None:
    with contextlib.suppress(ValueError):
        return read_certificate(der)
    return None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _in_words(error: Exception, place: str, seconds: float) -> ConnectionProblem:
    if isinstance(error, TimeoutError):
        return ConnectionProblem("host", f"{place} did not answer within {seconds:g} s.")
    if isinstance(error, ssl.SSLError):
        why = (error.reason or "handshake failed").lower().replace("_", " ")
        return ConnectionProblem("server", f"{place} does not speak TLS as it should: {why}.")
    if isinstance(error, OSError) and error.strerror:
        return ConnectionProblem("host", f"{place} could not be reached: {error.strerror.lower()}.")
    return ConnectionProblem("host", f"{place} could not be reached ({type(error).__name__}).")
