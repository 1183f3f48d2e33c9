"""Which addresses may be called. Pure; the door asks for every address that it is about to connect to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Called never, whatever is listed: what is behind them gives away credentials of the machine, or is no single machine.
NEVER: Final[tuple[tuple[Network, str], ...]] = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "an address of this machine without a name"),
        ("169.254.0.0/16", "a link-local address, where clouds keep credentials"),
        ("100.100.100.200/32", "the metadata service of a cloud"),
        ("168.63.129.16/32", "the metadata service of a cloud"),
        ("192.0.0.192/32", "the metadata service of a cloud"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("2001::/32", "an address of a tunnel"),
        ("64:ff9b:1::/48", "an address of a tunnel"),
        ("::/128", "an address of this machine without a name"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a site-local address"),
        ("fd00:ec2::/32", "the metadata service of a cloud"),
        ("fd20:ce::/32", "the metadata service of a cloud"),
        ("ff00::/8", "a multicast address"),
    )
)
# IPv6 networks whose addresses lead to an IPv4 address, and the bits to the right of it.
CARRIERS: Final[tuple[tuple[IPv6Network, int], ...]] = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),
    (IPv6Network("::/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
)
HOST: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


@dataclass(frozen=True)
class Allowed:
    """Private networks that may be called, and hosts that may have an address in any of them."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()


def read_allowed(entries: Iterable[str]) -> Allowed:
    """Read the entries of HTTP_ALLOWED_PRIVATE: `10.1.0.0/16`, `127.0.0.1`, `alerts.internal`.

    Raises ValueError that names the entry which is none of these.
    """
    networks: list[Network] = []
    hosts: set[str] = set()
    for entry in (entry.strip().lower() for entry in entries):
        try:
            networks.append(ip_network(entry, strict=False))
        except ValueError:
            if not HOST.fullmatch(entry) or not re.search("[a-z]", entry):
                raise ValueError(f"{entry!r} is no network such as 10.1.0.0/16, address or host name") from None
            hosts.add(entry)
    return Allowed(tuple(networks), frozenset(hosts))


def refusal(address: str, host: str, allowed: Allowed) -> str | None:
    """Why `address`, which `host` resolves to, is not called; None when it may be."""
    try:
        outer = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{host} has no address that is understood."
    found = carried(outer)
    for seen in (outer, found):
        for network, kind in NEVER:
            if seen in network:
                return f"{_named(host, address)} is {kind}. It is never called."
    if found.is_global or host.lower() in allowed.hosts or any(found in network for network in allowed.networks):
        return None
    return f"{_named(host, address)} is a private address. List it in HTTP_ALLOWED_PRIVATE if it is to be called."


def carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 address leads to; the address itself when it leads to none."""
    if isinstance(address, IPv6Address) and int(address) > 1:
        for network, right in CARRIERS:
            if address in network:
                return IPv4Address(int(address) >> right & 0xFFFFFFFF)
    return address


def _named(host: str, address: str) -> str:
    return address if host == address else f"{host} ({address})"
