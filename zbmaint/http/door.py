"""One request, within its deadline, to an address that the policy has seen.

The host is resolved here and the connection goes to the very address that was checked, so that a second answer of the
name server changes nothing. Proxies of the environment are not used. What is raised or logged names a host and a port,
never more of a URL: its path may be a secret.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Event, Thread, Timer
from typing import Final
from urllib.parse import unquote, urljoin

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.response import HTTPResponse
from urllib3.util import Url, parse_url

from zbmaint.http.policy import read_allowed, refusal

PORTS: Final = {"http": 80, "https": 443}
MAX_REDIRECTS: Final = 3
# 303 says "look elsewhere with GET": to follow it with what was sent would be wrong, and a GET proves nothing.
REDIRECTS: Final = frozenset({301, 302, 307, 308})
CHUNK: Final = 16_384
USER_AGENT: Final = "zbmaint"


class HttpProblem(Exception):
    """A request that got no answer. The message is one sentence for people and holds no secret."""


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is what was read of it, `complete` whether that is all: it may be longer than the limit,
    or not end before the deadline. `broke_off`: the other side ended it before it had sent what it had announced."""

    status: int
    reason: str
    body: bytes
    complete: bool
    broke_off: bool = False


def request(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float,
    connect_seconds: float = 5.0,
    max_bytes: int = 65_536,
    follow: bool = True,
) -> Answer:
    """Send a request and read at most `max_bytes` of the answer, all within `seconds`.

    A few redirects are followed, each checked like the first address, with the same method and body, never from https
    to http; with `follow` false a redirect is an answer like any other. Raises HttpProblem when there is no answer: a
    bad URL, an address that is not allowed, no connection, an untrusted certificate, or silence.
    """
    deadline = time.monotonic() + seconds
    place, sent = _parse(url), {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
    for _ in range(MAX_REDIRECTS + 1):
        call = _Call(place, deadline, seconds, min(connect_seconds, seconds))
        outcome = call.send(method, body, sent, max_bytes, follow=follow)
        if isinstance(outcome, Answer):
            return outcome
        place = _follow(place, outcome)
    raise HttpProblem(f"{where(url)} redirects more than {MAX_REDIRECTS} times.")


def where(url: str) -> str:
    """Host and port of a URL, for people: what may be shown of it. Raises HttpProblem when it is none."""
    return _name(_parse(url))


def _name(place: Url) -> str:
    return f"{place.host}:{place.port or PORTS[place.scheme or 'http']}"


def _length(seconds: float) -> str:
    """Seconds for people, to a tenth: what is left of a time-out has many more figures."""
    return f"{max(0.1, round(seconds, 1)):g} s"


def _parse(url: str) -> Url:
    try:
        place = parse_url(url.strip())
    except (LocationParseError, ValueError):
        # The message of the error quotes the URL.
        place = Url()
    if place.scheme not in PORTS or not place.host:
        raise HttpProblem("The URL is malformed: it must look like https://host.example.org/path.")
    return place


def _follow(place: Url, location: str) -> Url:
    """Where a redirect leads. A name and password of the first URL never go to another place."""
    try:
        target = _parse(urljoin(place.url, location))
    except (HttpProblem, ValueError):
        raise HttpProblem(f"{_name(place)} redirects to an address that is malformed.") from None
    if (place.scheme, target.scheme) == ("https", "http"):
        raise HttpProblem(f"{_name(place)} redirects from https to http, to {_name(target)}. That is not followed.")
    return target


class _Call:
    """One exchange with one place."""

    def __init__(self, place: Url, deadline: float, seconds: float, connect_seconds: float) -> None:
        self._place = place
        self._deadline = deadline
        self._connect_by = min(deadline, time.monotonic() + connect_seconds)
        self._late = f"{_name(place)} did not answer within {_length(seconds)}."
        self._unreached = f"{_name(place)} could not be reached within {_length(connect_seconds)}."

    def send(
        self, method: str, body: bytes | None, headers: Mapping[str, str], max_bytes: int, *, follow: bool
    ) -> Answer | str:
        """The answer, or the `Location` of a redirect that is to be followed."""
        with contextlib.closing(self._connect()) as connection, self._watched(connection) as late:
            try:
                return self._exchange(connection, method, body, headers, max_bytes, follow=follow)
            except (OSError, HTTPError, http.client.HTTPException, ValueError) as error:
                if late.is_set() or isinstance(error, TimeoutError) or time.monotonic() >= self._deadline:
                    raise HttpProblem(self._late) from None
                raise HttpProblem(f"{_name(self._place)} broke off: {_kind(error)}.") from None

    def _exchange(
        self,
        connection: HTTPConnection,
        method: str,
        body: bytes | None,
        headers: Mapping[str, str],
        max_bytes: int,
        *,
        follow: bool,
    ) -> Answer | str:
        connection.timeout = self._left()
        # A receiver may answer, with 413 for instance, without reading all: the answer counts, not the broken pipe.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request(
                method,
                self._place.request_uri,
                body,
                {"Host": self._host_header(), **headers, **self._credentials()},
                preload_content=False,
                decode_content=False,
            )
        connection.timeout = self._left()
        with contextlib.closing(connection.getresponse()) as response:
            # A head that the deadline has cut off looks like a whole one.
            self._left()
            location = response.headers.get("Location")
            if follow and response.status in REDIRECTS and location:
                return location
            reason = http.client.responses.get(response.status, "")
            return Answer(response.status, reason, *self._read(response, max_bytes))

    def _read(self, response: HTTPResponse, max_bytes: int) -> tuple[bytes, bool, bool]:
        """What comes of the body, whether that is all, and whether it broke off. Its status was given, so a body that
        does not end takes nothing back."""
        parts: list[bytes] = []
        size = 0
        try:
            while size <= max_bytes:
                part = response.read(min(CHUNK, max_bytes + 1 - size), decode_content=False)
                if not part:
                    return b"".join(parts), time.monotonic() < self._deadline, False
                parts.append(part)
                size += len(part)
        except (OSError, HTTPError, http.client.HTTPException, ValueError):
            return b"".join(parts)[:max_bytes], False, time.monotonic() < self._deadline
        return b"".join(parts)[:max_bytes], False, False

    def _host_header(self) -> str:
        host, port = str(self._place.host), self._place.port
        return host if port in (None, PORTS[str(self._place.scheme)]) else f"{host}:{port}"

    def _credentials(self) -> dict[str, str]:
        if not self._place.auth:
            return {}
        encoded = base64.b64encode(unquote(self._place.auth).encode()).decode()
        return {"Authorization": f"Basic {encoded}"}

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise HttpProblem(self._late)
        return left

    # -- to the address that was checked ----------------------------------------------------------------------------

    def _connect(self) -> HTTPConnection:
        """A connection to the first address that is allowed and answers."""
        host = str(self._place.host).strip("[]")
        try:
            allowed = read_allowed(settings.HTTP_ALLOWED_PRIVATE)
        except ValueError as error:
            raise HttpProblem(f"HTTP_ALLOWED_PRIVATE is malformed: {error}.") from None
        problem = HttpProblem(f"{host} has no address.")
        for address in self._resolve(host):
            refused = refusal(address, host, allowed)
            if refused is not None:
                problem = HttpProblem(refused)
                continue
            try:
                return self._connect_to(address, host)
            except HttpProblem as unreachable:
                problem = unreachable
            if time.monotonic() >= self._connect_by:
                break
        raise problem

    def _connect_to(self, address: str, host: str) -> HTTPConnection:
        port = self._place.port or PORTS[str(self._place.scheme)]
        timeout = max(0.001, self._connect_by - time.monotonic())
        if self._place.scheme == "https":
            # SNI and the name in the certificate are those of the host, whatever address it has.
            connection: HTTPConnection = _Secure(
                address, port, timeout=timeout, ssl_context=trust(), server_hostname=host
            )
        else:
            connection = HTTPConnection(address, port, timeout=timeout)
        try:
            connection.connect()
        except (OSError, HTTPError, ValueError) as error:
            connection.close()
            raise HttpProblem(self._why_not(error)) from None
        return connection

    def _why_not(self, error: Exception) -> str:
        cause = error.__cause__ or error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate of {_name(self._place)} is not trusted: {cause.verify_message}."
        if isinstance(cause, ssl.SSLError):
            return f"{_name(self._place)} does not speak TLS as it should: {cause.reason or 'handshake failed'}."
        if isinstance(cause, TimeoutError):
            return self._unreached
        return f"{_name(self._place)} could not be reached: {_kind(cause)}."

    def _resolve(self, host: str) -> list[str]:
        """The addresses of `host`, without repeats. The system's resolver knows no deadline, so a thread asks it."""
        found: list[str] = []
        trouble: list[str] = []

        def ask() -> None:
            try:
                rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
                found.extend(str(row[4][0]) for row in rows)
            except (OSError, UnicodeError) as error:
                trouble.append(_kind(error))

        thread = Thread(target=ask, name="resolve", daemon=True)
        thread.start()
        thread.join(max(0.0, self._connect_by - time.monotonic()))
        if thread.is_alive():
            raise HttpProblem(f"The name {host} was not resolved in time.")
        if trouble:
            raise HttpProblem(f"The name {host} cannot be resolved: {trouble[0]}.")
        return list(dict.fromkeys(found))

    @contextmanager
    def _watched(self, connection: HTTPConnection) -> Iterator[Event]:
        """End the connection at the deadline: a server that sends a byte now and then outlives every socket time-out.

        Yields an event that is set when that happened.
        """
        # Kept by itself: the connection forgets its socket when the server says that it closes.
        held, late = connection.sock, Event()

        def end() -> None:
            late.set()
            with contextlib.suppress(OSError):
                # Not SSLSocket's own shutdown, which would take the TLS layer from under the reading thread.
                socket.socket.shutdown(held, socket.SHUT_RDWR)

        timer = Timer(max(0.0, self._deadline - time.monotonic()), end)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()


def trust() -> ssl.SSLContext:
    """Which certificates are trusted; not to be changed."""
    return _trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), time.monotonic() // 600)


@lru_cache(maxsize=2)
def _trust(_file: str | None, _folder: str | None, _time: float) -> ssl.SSLContext:
    """Which certificates are trusted. Reading them takes longer than most requests, so that is done every ten minutes.

    The arguments are what the answer depends on.
    """
    return ssl.create_default_context()


class _Secure(HTTPSConnection):
    """TCP and TLS within one time-out; by itself each would get all of it."""

    def _new_conn(self) -> socket.socket:
        began = time.monotonic()
        made = super()._new_conn()
        left = float(self.timeout or 0) - (time.monotonic() - began)
        # What a handshake takes is limited as a whole, unlike what a body takes.
        made.settimeout(max(0.001, left))
        return made


def _kind(error: BaseException) -> str:
    """The cause in a few words, never with a piece of what was sent."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    if isinstance(error, http.client.RemoteDisconnected):
        return "it closed the connection without an answer"
    if isinstance(error, http.client.HTTPException):
        return "what it sends is not HTTP"
    return type(error).__name__
