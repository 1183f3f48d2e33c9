"""`manage.py up`: the whole product on one machine, from servers to web, and nothing left behind when it ends."""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from zbmaint import processes
from zbmaint.embedded.children import Child, Supervisor
from zbmaint.embedded.errors import EmbeddedError
from zbmaint.embedded.interrupts import StopAsked, StopSignals
from zbmaint.embedded.layout import CHECKOUT, Layout
from zbmaint.embedded.lock import DataLock
from zbmaint.embedded.logs import last_lines, open_log
from zbmaint.embedded.postgres import PostgresServer
from zbmaint.embedded.servers import (
    NAMES,
    DetachedServers,
    as_child,
    await_departure,
    make_database,
    wanted_servers,
)
from zbmaint.management.startup import collect_static_files, prepare_database

HOST = "127.0.0.1"
MANAGE = CHECKOUT / "manage.py"
# The queues that have a cluster each.
QUEUES = ("long", "short")
PROBER_GRACE_SECONDS = 5.0
WEB_THREADS = 4
WEB_READY_SECONDS = 30.0
PARTS_READY_SECONDS, PARTS_POLL_SECONDS = 10.0, 0.2
# A port that a killed predecessor is just giving up is waited for this long.
PORT_FREE_SECONDS = 3.0
POLL_SECONDS = 0.05


class Command(BaseCommand):
    """Starts everything, waits until it is told to stop, and stops everything that it started."""

    help = "Starts PostgreSQL and Valkey (unless URLs are set), all processes and web, and stops them with itself."
    # Checks that look into the database come with `migrate`, once there is one.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The port, and what to leave out."""
        parser.add_argument("--port", help="port of the web server on 127.0.0.1 (default: PORT, else 8000)")
        parser.add_argument("--demo", action="store_true", help="generate 90 days of history, marked as demo data")
        parser.add_argument("--no-web", action="store_true", help="start no web server")
        parser.add_argument("--no-workers", action="store_true", help="start no workers, no ticker and no prober")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run until Ctrl-C or TERM. CommandError (exit status 1) with one sentence when something cannot start."""
        layout: Layout = settings.LAYOUT
        port = port_from(options["port"] or os.environ.get("PORT") or "8000")
        url = f"http://{HOST}:{port}"
        try:
            with StopSignals() as signals:
                layout.prepare()
                with DataLock(layout.root, url):
                    if not options["no_web"]:
                        _await_free(port)
                    Session(layout, port, signals, self._say).run(options)
        except StopAsked:
            self._say("Stopped before anything was started.")
        except EmbeddedError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{error.filename or 'zbmaint'}: {error.strerror}") from None

    def _say(self, line: str) -> None:
        # A closed terminal or pipe must not keep us from stopping what we started.
        with contextlib.suppress(OSError, ValueError):
            self.stdout.write(line)
            self.stdout.flush()


class Session:
    """One run of the product: the servers, then what stands on them."""

    def __init__(self, layout: Layout, port: int, signals: StopSignals, say: Callable[[str], None]) -> None:
        self._layout = layout
        self._port = port
        self._url = f"http://{HOST}:{port}"
        self._say = say
        self._supervisor = Supervisor(signals, say)

    def run(self, options: dict[str, Any]) -> None:
        """Start, watch, stop; whatever happens, what was started is stopped."""
        try:
            with contextlib.suppress(StopAsked):
                self._start_servers()
                self._prepare(demo=options["demo"])
                self._start_programs(workers=not options["no_workers"], web=not options["no_web"])
                at = f" at {self._url}" if not options["no_web"] else ""
                self._say(f"zbmaint is ready{at} (Ctrl-C stops it; logs are in {self._layout.logs})")
                self._supervisor.watch()
        finally:
            self._supervisor.stop()
        self._say("Stopped.")

    def _start_servers(self) -> None:
        servers = wanted_servers(self._layout)
        detached = DetachedServers(self._layout)
        for server in servers:
            if detached.runs(server):
                self._say(f"Using the {NAMES[type(server)]} of `make up-services`.")
                continue
            if server.running_pid() is not None:
                self._say(f"Waiting for the {NAMES[type(server)]} of an earlier run to stop.")
                await_departure(server)
            self._say(f"Starting {NAMES[type(server)]}.")
            self._supervisor.start(as_child(server))
        for server in servers:
            server.wait_ready()
            if isinstance(server, PostgresServer):
                make_database(server)

    def _prepare(self, *, demo: bool) -> None:
        self._say("Preparing the database.")
        try:
            greeting = prepare_database(demo=demo)
        except DatabaseError as error:
            raise EmbeddedError(f"The database cannot be prepared: {error}".rstrip()) from None
        if greeting:
            self._say(f"{self._url}  {greeting}")
        collect_static_files()

    def _start_programs(self, *, workers: bool, web: bool) -> None:
        if workers:
            grace = settings.WORKER_GRACE_SECONDS + 5
            for queue in QUEUES:
                self._start_child("worker", queue, grace_seconds=grace)
            self._start_child("ticker", grace_seconds=grace)
            self._start_child("prober", grace_seconds=PROBER_GRACE_SECONDS)
        if web:
            self._await_web(self._start_web())
            if workers:
                self._await_every_part()

    def _start_child(self, *command: str, grace_seconds: float) -> None:
        log = self._layout.log_of(" ".join(command))
        child = Child(" ".join(command), lambda: self._program(*command), log, grace_seconds=grace_seconds)
        self._supervisor.start(child)

    def _start_web(self) -> Child:
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", HOST]
        granian += ["--port", str(self._port), "--workers", "1", "--blocking-threads", str(WEB_THREADS)]
        granian += ["--workers-kill-timeout", "5", "zbmaint.wsgi:application"]
        log = self._layout.log_of("web")
        child = Child("web", lambda: self._launch(granian, log), log)
        self._supervisor.start(child)
        return child

    def _await_web(self, child: Child) -> None:
        deadline = time.monotonic() + WEB_READY_SECONDS
        while not _answers(self._port):
            if child.ended() or time.monotonic() > deadline:
                ending = last_lines(child.log)
                raise EmbeddedError(f"The web server did not start. Its log {child.log} ends:\n{ending}")
            time.sleep(POLL_SECONDS)

    def _await_every_part(self) -> None:
        """Wait until every part says that it works: the first page must not warn of what is only just starting.

        What takes longer does not keep the rest; the page that it is looked up on says what is missing.
        """
        deadline = time.monotonic() + PARTS_READY_SECONDS
        while not _answers(self._port, "/healthz/ready") and time.monotonic() < deadline:
            time.sleep(PARTS_POLL_SECONDS)

    def _program(self, *command: str) -> subprocess.Popen[bytes]:
        return self._launch([sys.executable, MANAGE, *command], self._layout.log_of(" ".join(command)))

    def _launch(self, argv: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
        ours = {"ZBMAINT_DATA": str(self._layout.root), "PORT": str(self._port), "PYTHONUNBUFFERED": "1"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZBMAINT_ADMIN_PASSWORD")}
        with open_log(log) as output:
            return processes.start(
                argv,
                death_signal=signal.SIGTERM,
                env=kept | ours,
                cwd=CHECKOUT,
                output=output,
            )


def port_from(text: str) -> int:
    """Read a port; CommandError when it is none."""
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CommandError(f"{text!r} is not a port; write it like PORT=8080.")
    return int(text)


def _await_free(port: int) -> None:
    """Return when the port can be listened on; CommandError when somebody keeps it."""
    deadline = time.monotonic() + PORT_FREE_SECONDS
    while True:
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
                probe.listen()
            return
        except OSError as error:
            if error.errno == errno.EACCES:
                raise CommandError(f"Port {port} is closed to this user; choose one from 1024 with PORT=…") from None
            if error.errno != errno.EADDRINUSE:
                raise
            if time.monotonic() > deadline:
                raise CommandError(f"Port {port} is in use; choose another with PORT={port + 1}.") from None
        time.sleep(POLL_SECONDS)


def _answers(port: int, path: str = "/healthz/live") -> bool:
    """Whether the web server answers a page without an error; a redirect or a refused host name is an answer too."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
