"""Who may scrape: by token, or from an address, never by an address that a proxy stands before."""

from __future__ import annotations

import hmac
from ipaddress import ip_address, ip_network
from typing import Final

from django.conf import settings
from django.http import HttpRequest

# What proxies add. Behind one the address is the proxy's, and says nothing about who asks.
_OF_PROXIES: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def may_scrape(request: HttpRequest) -> bool:
    """Whether who asks shows METRICS_TOKEN, or asks from METRICS_ALLOWED itself."""
    return _has_token(request) or _is_near(request)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    if not wanted or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(token.strip().encode(errors="replace"), wanted.encode())


def _is_near(request: HttpRequest) -> bool:
    if any(header in request.META for header in _OF_PROXIES):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(network) for network in settings.METRICS_ALLOWED)
