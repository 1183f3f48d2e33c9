"""TLS certificate: what a server shows is trusted, is for its name, and is valid for a while yet."""

from __future__ import annotations

import datetime as dt
import re
from ipaddress import ip_address
from typing import Any, Final

from django.utils import timezone

from maintenance.connectors import tls
from maintenance.connectors.certificates import Certificate
from maintenance.connectors.problems import ConnectionProblem
from maintenance.probes.kind import (
    BadParameter,
    Kind,
    Look,
    Order,
    Parameter,
    Parameters,
    degraded,
    down,
    number,
    text,
    up,
)
from zbmaint.http.policy import HOST
from zbmaint.ui.words import day, duration_in_words

PORT: Final = 443
DAYS: Final = 21
SHAPE: Final = "Write a host and a port, such as www.example.org:443 or [2001:db8::1]:443."
_PLACE: Final = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]/\s]+))(?::(?P<port>\d{1,5}))?")


def check(given: Parameters) -> dict[str, Any]:
    """Host and port, and how many days before its end a certificate is to be renewed."""
    host, port = _parsed(text(given, "address", 260))
    shown = f"[{host}]" if ":" in host else host
    return {"address": f"{shown}:{port}", "days": number(given, "days", 1, 365)}


def _parsed(address: str) -> tuple[str, int]:
    found = _PLACE.fullmatch(address)
    host, port = ((found["six"] or found["host"]).lower(), int(found["port"] or PORT)) if found else ("", 0)
    if not 0 < port < 65_536 or not _is_host(host):
        raise BadParameter("address", SHAPE)
    return host, port


def _is_host(host: str) -> bool:
    if HOST.fullmatch(host):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def look(order: Order) -> Look:
    """Shake hands, and look at the certificate. Nothing is asked of the server."""
    host, port = _parsed(str(order.parameters["address"]))
    try:
        shown = tls.look_at(host, port, order.seconds)
    except ConnectionProblem as problem:
        return down(str(problem), answered=problem.part == "server")
    certificate = shown.certificate
    if shown.distrust:
        return down(f"The certificate {shown.distrust}{_said(certificate)}.")
    if certificate is None:
        return down("The certificate cannot be read.")
    left = certificate.ends - timezone.now()
    if left < dt.timedelta(days=int(order.parameters["days"])):
        return degraded(f"The certificate ends in {duration_in_words(left)}{_said(certificate)}. Renew it.")
    return up()


def _said(certificate: Certificate | None) -> str:
    return f": valid until {day(certificate.ends.date())}, issued by {certificate.issuer}" if certificate else ""


def place(given: Parameters) -> str:
    """Host and port."""
    return str(given.get("address", ""))


KIND: Final = Kind(
    key="tls",
    title="TLS certificate",
    parameters=(
        Parameter("address", "Host and port", "Such as www.example.org:443.", required=True),
        Parameter(
            "days",
            "Degraded from (days before its end)",
            "Time enough to renew it. After its end it is down.",
            form="number",
            default=DAYS,
        ),
    ),
    check=check,
    look=look,
    place=place,
)
