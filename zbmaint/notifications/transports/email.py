"""E-mail: plain text with the same as HTML beside it, by SMTP to the server that `EMAIL_URL` names.

`smtp://host:25`, `submission://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`. It is read for
every attempt and kept nowhere.
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import formataddr
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from zbmaint.env import env
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import letter
from zbmaint.notifications.transports.transport import Delivery, Transport

KEY: Final = "email"
URL: Final = "EMAIL_URL"
NOT_SET: Final = f"E-mail is not set up: {URL} is not set."
UNREADABLE: Final = f"{URL}_FILE does not name a file of text that can be read."
MALFORMED: Final = f"{URL} is malformed: it looks like submission://user:password@mail.example.org:587."
# Seconds for one answer of the server, as a part of those for the whole attempt: there are up to seven.
PART: Final = 3
OK: Final = 250
PERMANENT: Final = 500
# Messages by one connection: some servers end it after more.
MOST: Final = 100
# What a server says that ends the connection; and the seconds after which it is asked whether it has.
ENOUGH: Final = 421
ASK_AFTER: Final = 0.25
LONGEST: Final = 200


@dataclass(frozen=True)
class Scheme:
    """How the conversation begins."""

    port: int
    starts_tls: bool = False
    is_tls: bool = False


SCHEMES: Final = {
    "smtp": Scheme(25),
    "submission": Scheme(587, starts_tls=True),
    "smtp+tls": Scheme(587, starts_tls=True),
    "smtps": Scheme(465, is_tls=True),
    "smtp+ssl": Scheme(465, is_tls=True),
}


class NotSetUp(Exception):
    """There is no server to give it to; the message says what is missing."""


def server() -> dict[str, Any]:
    """The settings of the server, as Django's backend takes them. Raises NotSetUp."""
    try:
        url = str(env.str(URL, "")).strip()
    except (ValueError, OSError):
        raise NotSetUp(UNREADABLE) from None
    if not url:
        raise NotSetUp(NOT_SET)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotSetUp(MALFORMED) from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise NotSetUp(MALFORMED)
    scheme = SCHEMES[parts.scheme]
    return {
        "host": parts.hostname,
        "port": port or scheme.port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": scheme.starts_tls,
        "use_ssl": scheme.is_tls,
        "timeout": settings.NOTICE_SEND_SECONDS / PART,
    }


def lacks() -> str:
    """What is not set for it."""
    try:
        server()
    except NotSetUp as problem:
        return str(problem)
    return ""


class Conversation:
    """One connection to the mail server, for many messages in a row. It is made again when the server has ended it."""

    def __init__(self) -> None:
        self._open: BaseEmailBackend | None = None
        self._server: dict[str, Any] = {}
        self._given, self._last = 0, 0.0

    def send(self, notice: Notice) -> Delivery:
        """One attempt. An address that the server refuses for good is not tried again; what may pass is."""
        person = notice.person
        address = person.email if person is not None else notice.recipient
        if not address:
            return Delivery(False, f"{person or notice.recipient} has no e-mail address.", permanent=True)
        if person is not None and not person.is_active:
            return Delivery(False, f"{person} has left.", permanent=True)
        written = letter.write(notice)
        to = formataddr((person.name, address)) if person is not None and person.name else address
        try:
            says = self._try(notice, written, to)
            if says.status == ENOUGH and self._given > 1:  # of this connection, not of this message
                self.close()
                says = self._try(notice, written, to)
        except NotSetUp as problem:
            return Delivery(False, str(problem))
        if not says.sent:
            self.close()
            return says
        self._last = time.monotonic()
        return Delivery(True, says.says, says.status, fault=written.fault)

    def _try(self, notice: Notice, written: letter.Letter, to: str) -> Delivery:
        connection = self._connection(server())
        return _give(_message(notice, written, to, connection), connection)

    def _connection(self, wanted: dict[str, Any]) -> BaseEmailBackend:
        is_fit = wanted == self._server and self._given < MOST
        if is_fit and self._open is not None and time.monotonic() - self._last > ASK_AFTER:
            is_fit = _is_alive(self._open)
        if not is_fit:
            self.close()
        if self._open is None:
            self._open = get_connection("django.core.mail.backends.smtp.EmailBackend", **wanted)
            self._server, self._given = wanted, 0
        self._given += 1
        return self._open

    def close(self) -> None:
        """End it, whatever the server says to that."""
        if self._open is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._open.close()
            self._open = None


def _is_alive(backend: BaseEmailBackend) -> bool:
    """Whether the server still listens: asked before a message, for nobody knows what became of one that broke off."""
    session = getattr(backend, "connection", None)
    try:
        return session is not None and session.noop()[0] == OK
    except (OSError, smtplib.SMTPException):
        return False


@contextmanager
def kept_open() -> Iterator[Callable[[Notice], Delivery]]:
    """Send many by one connection."""
    conversation = Conversation()
    try:
        yield conversation.send
    finally:
        conversation.close()


def send(notice: Notice) -> Delivery:
    """One attempt, by a connection of its own."""
    with kept_open() as give:
        return give(notice)


def _message(notice: Notice, written: letter.Letter, to: str, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    domain = settings.PUBLIC_HOST
    topic = "".join(sign if sign.isalnum() else "-" for sign in notice.topic)
    headers = {
        # The same over all attempts: a server or a reader that gets it twice can tell.
        "Message-ID": f"<{notice.pk}@{domain}>",
        "X-Zbmaint-Delivery": str(notice.pk),
        "References": f"<{topic}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(
        written.subject, written.text, settings.EMAIL_FROM, [to], headers=headers, connection=connection
    )
    if written.html:
        message.attach_alternative(written.html, "text/html")
    return message


def _give(message: EmailMultiAlternatives, connection: BaseEmailBackend) -> Delivery:
    """Hand it to the server; what the server said, without what we said to it."""
    try:
        connection.open()
        message.send()
    except smtplib.SMTPException as refused:
        return _refused(refused)
    except TimeoutError:
        return Delivery(False, f"The mail server did not answer within {settings.NOTICE_SEND_SECONDS / PART:.3g} s.")
    except OSError as problem:
        return Delivery(False, f"The mail server cannot be reached: {problem.strerror or type(problem).__name__}.")
    return Delivery(True, "The mail server has taken it.", OK)


def _refused(refused: smtplib.SMTPException) -> Delivery:
    if isinstance(refused, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(refused.recipients.values()))
        return Delivery(False, _said(code, text), code, permanent=code >= PERMANENT)
    if isinstance(refused, smtplib.SMTPAuthenticationError):
        return Delivery(False, f"The mail server refuses the name or password of {URL}.", refused.smtp_code)
    if isinstance(refused, smtplib.SMTPResponseException):
        # 5xx for the message itself (its size, its words) stays 5xx; for the sender or the session it may be mended.
        for_good = isinstance(refused, smtplib.SMTPDataError) and refused.smtp_code >= PERMANENT
        return Delivery(False, _said(refused.smtp_code, refused.smtp_error), refused.smtp_code, permanent=for_good)
    if isinstance(refused, smtplib.SMTPServerDisconnected):
        return Delivery(False, "The mail server ended the connection.")
    return Delivery(False, f"The mail server cannot do what is needed ({type(refused).__name__}).")


def _said(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"[:LONGEST]


email = Transport(KEY, "E-mail", send, lacks, at_once=2, kept_open=kept_open)
