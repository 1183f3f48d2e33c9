"""What a certificate says of itself, read from its bytes (X.509, DER), whoever signed it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_VERSION, _UTC_TIME, _BMP, _LATIN = 0xA0, 0x17, 0x1E, 0x14
_ORGANISATION, _COMMON_NAME = b"\x55\x04\x0a", b"\x55\x04\x03"
LONGEST_NAME: Final = 80


@dataclass(frozen=True)
class Certificate:
    """From when until when it is valid, and who issued it: organisation and name, as they say."""

    begins: dt.datetime
    ends: dt.datetime
    issuer: str


def read_certificate(der: bytes) -> Certificate:
    """Read a certificate. Raises ValueError when it is none."""
    try:
        (whole,) = _elements(der)
        signed = next(_elements(whole[1]))
        # Version (which may be left out), number, algorithm, issuer, validity.
        parts = [content for tag, content in _elements(signed[1]) if tag != _VERSION]
        begins, ends = (_moment(tag, content) for tag, content in _elements(parts[3]))
        return Certificate(begins, ends, _name(parts[2]))
    except (IndexError, StopIteration, ValueError):
        raise ValueError("it is no certificate") from None


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element in `data`. Raises ValueError or IndexError where it is cut off."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            more = length & 0x7F
            length, at = int.from_bytes(data[at : at + more]), at + more
        if at + length > len(data):
            raise ValueError("it is cut off")
        yield tag, data[at : at + length]
        at += length


def _moment(tag: int, content: bytes) -> dt.datetime:
    form = "%y%m%d%H%M%SZ" if tag == _UTC_TIME else "%Y%m%d%H%M%SZ"
    return dt.datetime.strptime(content.decode("ascii"), form).replace(tzinfo=dt.UTC)


def _name(content: bytes) -> str:
    """Organisation and common name of an issuer."""
    said: dict[bytes, str] = {}
    for _, group in _elements(content):
        for _, pair in _elements(group):
            (_, kind), (tag, value) = _elements(pair)
            coding = "utf-16-be" if tag == _BMP else "latin-1" if tag == _LATIN else "utf-8"
            said[kind] = " ".join(value.decode(coding, "replace").replace("\0", "").split())
    names = dict.fromkeys(said[kind] for kind in (_ORGANISATION, _COMMON_NAME) if said.get(kind))
    return ", ".join(names)[:LONGEST_NAME] or "somebody without a name"
