"""Who may scrape: by token, or from an address, never by an address that a proxy stands before."""

from __future__ import annotations

import hmac
from ipaddress import ip_address, ip_network
from typing import Final

from django.conf import settings
from django.http import HttpRequest

UNAUTHORIZED, FORBIDDEN = 401, 403
# What proxies add. Behind one the address is the proxy's, and says nothing about who asks.
_OF_PROXIES: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def refusal(request: HttpRequest) -> int:
    """The status that keeps out who asks, 0 for who may read: who shows METRICS_TOKEN, or shows nothing and asks from
    METRICS_ALLOWED itself. What is shown and wrong is 401 wherever it comes from, so that
    nobody takes a wrong token for the right one because of an address."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if token.strip():
        return 0 if scheme.lower() == "bearer" and _is_right(token.strip()) else UNAUTHORIZED
    return 0 if _is_near(request) else FORBIDDEN


def _is_right(token: str) -> bool:
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and hmac.compare_digest(token.encode(errors="replace"), wanted.encode())


def _is_near(request: HttpRequest) -> bool:
    if any(header in request.META for header in _OF_PROXIES):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(network) for network in settings.METRICS_ALLOWED)
