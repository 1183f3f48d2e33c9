"""pytest plugin (loaded by `-p tests.services`): real PostgreSQL 18 and 16 and a real Valkey for the test session.

Where they live is put into the environment when this module is imported, because Django's settings read it there; the
servers are started once, by the process that was called, and its xdist workers find them by the same environment.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.postgres import PostgresServer
from zbmaint.embedded.valkey import ValkeyServer

# A database with the schema and the defaults, which `CREATE DATABASE … TEMPLATE` copies (tests/conftest.py makes it).
INSTALLED = "installed"
FOLDER, PORTS = "ZBMAINT_TEST_FOLDER", "ZBMAINT_TEST_PORTS"
VERSIONS = (18, 16)
# Slow enough to be watched, small enough to be started twice on a small machine.
# Autovacuum is on, as maintenance expects it, but never gets to a table: tests decide what is vacuumed.
SETTINGS = {"shared_buffers": "64MB", "max_connections": "120", "autovacuum_naptime": "2000000"}


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def with_contrib() -> PostgresServer:
    """The system's PostgreSQL with its contrib extensions (Debian 12: 15); not started, in a folder of its own."""
    controls = Path("/usr/share/postgresql").glob("*/extension/pgstattuple.control")
    found = [int(control.parts[-3]) for control in controls]
    version = next((number for number in sorted(found) if number not in VERSIONS), None)
    if version is None:
        raise AssertionError("No PostgreSQL with contrib extensions here; sh tests/system_packages.sh installs one.")
    place = temporary_directory()
    return PostgresServer(
        place / "data", place / "run", version=version, port=free_port(), durable=False, settings=SETTINGS
    )


def _is_called() -> bool:
    return "PYTEST_XDIST_WORKER" not in os.environ


if _is_called() and FOLDER not in os.environ:
    os.environ[FOLDER] = str(temporary_directory())
    os.environ[PORTS] = ",".join(str(free_port()) for _ in VERSIONS)

folder = Path(os.environ[FOLDER])
ports = dict(zip(VERSIONS, map(int, os.environ[PORTS].split(",")), strict=True))
postgres = {
    version: PostgresServer(
        folder / f"pg{version}",
        folder / f"run{version}",
        version=version,
        port=ports[version],
        durable=False,
        settings=SETTINGS,
    )
    for version in VERSIONS
}
valkey = ValkeyServer(folder / "valkey")
os.environ["DATABASE_URL"] = postgres[18].url("zbmaint", "postgres")
os.environ["REDIS_URL"] = f"unix://{valkey.socket_path}?db=0"
os.environ["ZBMAINT_DATA"] = str(folder / "data")
(folder / "data/static").mkdir(parents=True, exist_ok=True)  # the web server looks there
os.environ["SECRET_KEY"] = "only for tests"


@contextmanager
def alone(what: str) -> Iterator[None]:
    """No other process of this session is inside at the same time: what is made once for all is made here."""
    with (folder / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers, in the process that was called and not for `--collect-only`."""
    if not _is_called() or config.getoption("collectonly"):
        return
    for server in postgres.values():
        server.start()
    valkey.start()
    for server in postgres.values():
        server.wait_ready()
    valkey.wait_ready()


def pytest_unconfigure() -> None:
    """Stop them and remove what they wrote."""
    if not _is_called():
        return
    for server in postgres.values():
        server.stop()
    valkey.stop()
    shutil.rmtree(folder, ignore_errors=True)
