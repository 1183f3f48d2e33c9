"""The embedded servers of one data root: which are wanted, how they start, and a detached pair for development."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping

from zbmaint import processes
from zbmaint.embedded.children import POSTGRES_WARNING, VALKEY_WARNING, Child
from zbmaint.embedded.errors import AlreadyRunningError
from zbmaint.embedded.layout import DATABASE, POSTGRES_VERSION, Layout
from zbmaint.embedded.postgres import PostgresServer
from zbmaint.embedded.valkey import ValkeyServer

Server = PostgresServer | ValkeyServer
NAMES: Mapping[type[Server], str] = {PostgresServer: "PostgreSQL", ValkeyServer: "Valkey"}
# How long the servers of a killed `manage.py up` may take to shut down, in seconds.
LEAVE_SECONDS = 30.0


def configured(name: str) -> bool:
    """Whether the environment gives a variable, itself or as `<name>_FILE`."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def wanted_servers(layout: Layout) -> list[Server]:
    """Return the servers that no URL in the environment replaces, not started."""
    servers: list[Server] = []
    if not configured("REDIS_URL"):
        servers.append(ValkeyServer(layout.valkey_data, layout.valkey_socket, log=layout.log_of("valkey")))
    if not configured("DATABASE_URL"):
        log = layout.log_of("postgres")
        servers.append(PostgresServer(layout.postgres_data, layout.postgres_sockets, version=POSTGRES_VERSION, log=log))
    return servers


def as_child(server: Server) -> Child:
    """Describe a server as a child of `manage.py up`. A third request to stop kills it; it recovers when started."""
    if isinstance(server, PostgresServer):
        return Child(
            "PostgreSQL",
            server.start,
            server.log,
            rank=0,
            stop_signal=signal.SIGINT,
            grace_seconds=30.0,
            patience=3,
            warning=POSTGRES_WARNING,
        )
    return Child("Valkey", server.start, server.log, rank=1, patience=3, warning=VALKEY_WARNING)


def make_database(server: PostgresServer) -> None:
    """Make the product's role (no superuser; it may read statistics) and its database unless they exist."""
    server.create_role(DATABASE, member_of=("pg_monitor",))
    server.create_database(DATABASE, DATABASE)


def await_departure(server: Server) -> None:
    """Wait until a server that a killed `manage.py up` left behind has shut down; AlreadyRunningError when it stays."""
    pid = server.running_pid()
    if pid is not None and not processes.wait_exit(pid, LEAVE_SECONDS):
        name = NAMES[type(server)]
        raise AlreadyRunningError(
            f"{name} is running on {server.data_dir} already (process {pid}); stop it first.", pid
        )


class DetachedServers:
    """The servers of `manage.py services`: they outlive the command, and a record names them for `up` to use."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._record = layout.root / "services.json"

    def start(self) -> list[str]:
        """Start the wanted servers that do not run yet and wait until they are ready; the names of those started."""
        self._layout.prepare()
        started: list[Server] = []
        try:
            for server in wanted_servers(self._layout):
                if not self.runs(server):
                    await_departure(server)
                    server.start(outlive_us=True)
                    started.append(server)
            for server in started:
                server.wait_ready()
                if isinstance(server, PostgresServer):
                    make_database(server)
        except BaseException:
            for server in started:
                server.stop()
            raise
        self._write({**self._read(), **{NAMES[type(server)]: server.running_pid() or 0 for server in started}})
        return [NAMES[type(server)] for server in started]

    def stop(self) -> list[str]:
        """Stop what `start` has started; the names of those stopped."""
        stopped = []
        for server in reversed(wanted_servers(self._layout)):
            if self.runs(server):
                server.stop()
                stopped.append(NAMES[type(server)])
        self._record.unlink(missing_ok=True)
        return stopped

    def runs(self, server: Server) -> bool:
        """Whether `start` has started this server and it lives."""
        pid = server.running_pid()
        return pid is not None and self._read().get(NAMES[type(server)]) == pid

    def _read(self) -> dict[str, int]:
        try:
            known: dict[str, int] = json.loads(self._record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known

    def _write(self, pids: Mapping[str, int]) -> None:
        self._record.write_text(json.dumps(pids), encoding="utf-8")
