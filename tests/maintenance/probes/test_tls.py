"""The certificate probe, at real servers whose certificates are good, old, of others, or none."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from maintenance.connectors.certificates import read_certificate
from maintenance.probes import tls
from maintenance.probes.kind import BadParameter, Look, Order
from maintenance.rules.probe_states import DEGRADED, DOWN, UP
from tests.maintenance.connectors.impostors import impostor, silent
from tests.maintenance.probes.certificates import Authority, make_authority, openssl, tls_server
from tests.receivers import connections
from tests.services import free_port

ISSUER = "issued by ZbInnovation Tests, Root 1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def _trusted(settings: Any, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


def look(port: int, *, host: str = "localhost", seconds: float = 5.0, days: int = 21) -> Look:
    return tls.look(Order(tls.check({"address": f"{host}:{port}", "days": days}), seconds))


def day_in(days: int) -> str:
    then = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    return f"{then.day} {then:%b %Y}"


def test_one_that_is_valid_for_long_enough_is_up(authority: Authority) -> None:
    with tls_server(authority.certificate(29)) as port:
        assert look(port) == Look(UP)


def test_one_that_ends_soon_is_degraded_and_says_when_and_whose_it_is(authority: Authority) -> None:
    with tls_server(authority.certificate(20)) as port:
        seen = look(port)
        assert seen.state == DEGRADED
        assert seen.reason == f"The certificate ends in 20 days: valid until {day_in(20)}, {ISSUER}. Renew it."
        assert look(port, days=5) == Look(UP)


def test_one_that_has_expired_is_down(authority: Authority) -> None:
    with tls_server(authority.certificate(-1)) as port:
        seen = look(port)
    assert (seen.state, seen.answered) == (DOWN, True)
    assert seen.reason == f"The certificate has expired: valid until {day_in(-1)}, {ISSUER}."


@pytest.mark.parametrize("name", ["DNS:other.example.org", "IP:127.0.0.2"])
def test_one_for_another_name_is_down(authority: Authority, name: str) -> None:
    with tls_server(authority.certificate(29, name)) as port:
        seen = look(port)
        assert seen.state == DOWN
        assert seen.reason == f"The certificate is for another name: valid until {day_in(29)}, {ISSUER}."
        assert "is for another address" in look(port, host="127.0.0.1").reason


def test_one_for_an_address_is_good_for_it(authority: Authority) -> None:
    with tls_server(authority.certificate(29, "IP:127.0.0.1")) as port:
        assert look(port, host="127.0.0.1") == Look(UP)


def test_one_that_nobody_trusts_is_down_and_says_who_issued_it(tmp_path: Path) -> None:
    other = make_authority(tmp_path / "other", "/CN=Somebody")
    with tls_server(other.certificate(29)) as port:
        seen = look(port)
    assert (seen.state, seen.answered) == (DOWN, True)
    assert re.fullmatch(
        r"The certificate is not trusted \(.+\): valid until [\w ]+, issued by Somebody\.", seen.reason
    ), seen.reason


def test_what_speaks_no_tls_is_down(authority: Authority) -> None:
    with impostor(lambda caller: caller.sendall(b"SSH-2.0-OpenSSH\r\n" * 50)) as port:
        seen = look(port)
    assert (seen.state, seen.answered) == (DOWN, True)
    assert "does not speak TLS as it should" in seen.reason


def _hang_up(caller: socket.socket) -> None:
    caller.recv(10)


def test_what_closes_or_is_not_there_has_not_answered() -> None:
    with impostor(_hang_up) as port:
        seen = look(port)
    assert seen.state == DOWN
    seen = look(free_port())
    assert (seen.state, seen.answered) == (DOWN, False)
    assert "could not be reached: connection refused." in seen.reason


def _drip(caller: socket.socket) -> None:
    """The beginning of a handshake, byte by byte, and never its end."""
    caller.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        time.sleep(0.05)
        caller.sendall(b"\x02")


@pytest.mark.parametrize("behaviour", [silent, _drip])
def test_it_takes_no_longer_than_it_may(behaviour: Any) -> None:
    with impostor(behaviour) as port:
        began = time.monotonic()
        seen = look(port, seconds=0.5)
        took = time.monotonic() - began
    assert seen.state == DOWN
    if behaviour is silent:
        assert (seen.reason, seen.answered) == (f"localhost:{port} did not answer within 0.5 s.", False)
    assert took < 2.5


def test_an_address_that_is_not_allowed_is_not_called(settings: Any) -> None:
    settings.HTTP_ALLOWED_PRIVATE = []
    with connections() as heard:
        seen = look(443, host="127.0.0.1")
        assert "is a private address" in seen.reason
        assert "is never called" in look(443, host="169.254.169.254").reason
    assert heard == []


def test_a_name_that_nobody_knows_is_down() -> None:
    assert "The name no.such.host.invalid cannot be resolved." in look(443, host="no.such.host.invalid").reason


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("www.example.org", "www.example.org:443"),
        (" WWW.example.org:8443 ", "www.example.org:8443"),
        ("10.0.0.1:1", "10.0.0.1:1"),
        ("[2001:DB8::1]", "[2001:db8::1]:443"),
    ],
)
def test_host_and_port_are_kept(given: str, address: str) -> None:
    kept = tls.check({"address": given, "days": "14"})
    assert kept == {"address": address, "days": 14}
    assert tls.place(kept) == address


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        *(
            ({"address": address}, "address", "www.example.org:443")
            for address in ("", "https://host/", "host:0", "host:65536", "host:x", "a b:1", "::1", "[host]x:1", "h:1:2")
        ),
        ({"address": "h\0"}, "address", "Null"),
        ({"address": "h" * 300}, "address", "At most 260"),
        ({"address": "host", "days": "0"}, "days", "from 1 to 365"),
        ({"address": "host", "days": ""}, "days", "from 1 to 365"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(BadParameter, match=re.escape(says)) as refused:
        tls.check({"days": 21, **wrong})
    assert refused.value.name == field


class TestBytes:
    def test_a_certificate_is_read_as_openssl_made_it(self, tmp_path: Path) -> None:
        made = make_authority(tmp_path, "/CN=Zürich CA")
        der = ssl.PEM_cert_to_DER_cert(made.file.read_text())
        found = read_certificate(der)
        assert (found.ends - found.begins, found.issuer) == (dt.timedelta(days=30), "Zürich CA")

    def test_an_issuer_without_organisation_or_name_is_somebody(self, tmp_path: Path) -> None:
        made = make_authority(tmp_path, "/C=CH")
        assert read_certificate(ssl.PEM_cert_to_DER_cert(made.file.read_text())).issuer == "somebody without a name"

    def test_one_far_ahead_has_another_kind_of_time(self, tmp_path: Path) -> None:
        file = tmp_path / "far.pem"
        openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", 36_500, "-subj", "/CN=Far", "-keyout", tmp_path / "far.key", "-out", file),
        )
        assert read_certificate(ssl.PEM_cert_to_DER_cert(file.read_text())).ends.year > 2100

    def test_what_is_cut_off_or_changed_raises_nothing_else(self, authority: Authority) -> None:
        der = ssl.PEM_cert_to_DER_cert(authority.file.read_text())
        for length in range(0, len(der), 7):
            with pytest.raises(ValueError, match="no certificate"):
                read_certificate(der[:length])
        for place in range(200):
            changed = bytearray(der)
            changed[place] ^= 0xFF
            with contextlib.suppress(ValueError):
                read_certificate(bytes(changed))
