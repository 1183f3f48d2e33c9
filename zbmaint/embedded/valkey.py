"""One embedded Valkey (speaks Redis), on a socket only: initialised, started, waited for and stopped."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from zbmaint import processes
from zbmaint.embedded.accounts import make_folders, own_directory
from zbmaint.embedded.binaries import valkey_server
from zbmaint.embedded.errors import AlreadyRunningError, EmbeddedError
from zbmaint.embedded.layout import LONGEST_SOCKET_PATH
from zbmaint.embedded.logs import last_lines, open_log

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    # Each change is in the append-only file within a second; snapshots beside it would only cost a fork.
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    # A cache: what was not used for longest goes first, and the machine's memory stays for the database.
    "maxmemory": "256mb",
    "maxmemory-policy": "allkeys-lru",
}
READY_POLL_SECONDS = 0.01
# A server that does not answer its socket within this is not ready.
ANSWER_SECONDS = 1.0
# struct ucred: pid, uid, gid.
PEER = struct.Struct("3i")


class ValkeyServer:
    """A Valkey with its append-only file in `data_dir`, listening on `socket_path` alone, without a password.

    Nobody but this user (and root) can reach the socket. `log` takes what the server says, by default
    `<data_dir>/valkey.log`.
    """

    def __init__(self, data_dir: Path, socket_path: Path | None = None, *, log: Path | None = None) -> None:
        self.data_dir = data_dir
        self.socket_path = socket_path or data_dir / "valkey.sock"
        self.log = log or data_dir / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start and wait until ready."""
        self.start()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def start(self, *, outlive_us: bool = False) -> subprocess.Popen[bytes]:
        """Start the server; returns at once, see `wait_ready`.

        It stops by itself when this process dies, unless `outlive_us`. Raises AlreadyRunningError when a server
        answers on the socket, and EmbeddedError when it cannot be started. Main thread only.
        """
        pid = self.running_pid()
        if pid is not None:
            raise AlreadyRunningError(f"Valkey is running on {self.data_dir} already (process {pid}).", pid)
        if len(os.fsencode(self.socket_path)) > LONGEST_SOCKET_PATH:
            raise EmbeddedError(f"The path {self.socket_path} is too long for a socket.")
        own_directory(self.data_dir, None)
        make_folders(self.log.parent)
        paths = {"dir": str(self.data_dir), "unixsocket": str(self.socket_path)}
        arguments = [part for name, value in (SETTINGS | paths).items() for part in (f"--{name}", value)]
        with open_log(self.log) as log:
            self.process = processes.start(
                [valkey_server(), *arguments],
                death_signal=None if outlive_us else signal.SIGTERM,
                cwd=self.data_dir,
                output=log,
            )
        return self.process

    def wait_ready(self, seconds: float = 30.0) -> None:
        """Wait until commands are answered; EmbeddedError with the end of the log when that does not come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is not None and processes.wait_exit(self.process.pid, 0):
                raise self._failed("Valkey ended while starting")
            if self._answers():
                return
            time.sleep(READY_POLL_SECONDS)
        raise self._failed(f"Valkey is not ready after {seconds:g} s")

    def stop(self, seconds: float = 10.0) -> None:
        """Ask it to write its file and stop, wait, kill it after `seconds`; no error when none is running.

        Also stops a server that another process has started on this socket.
        """
        if self.process is not None:
            processes.stop(self.process, grace_seconds=seconds)
            self.process = None
            return
        pid = self.running_pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        if not processes.wait_exit(pid, seconds):
            os.kill(pid, signal.SIGKILL)
            processes.wait_exit(pid, seconds)

    def running_pid(self) -> int | None:
        """Return the pid of the server that listens on the socket, whoever started it; None when nobody does."""
        try:
            with self._connect() as connection:
                credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size)
        except OSError:
            return None
        pid: int = PEER.unpack(credentials)[0]
        return pid

    def _answers(self) -> bool:
        try:
            with self._connect() as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(str(self.socket_path))
        except OSError:
            connection.close()
            raise
        return connection

    def _failed(self, what: str) -> EmbeddedError:
        return EmbeddedError(f"{what}. Its log {self.log} ends:\n{last_lines(self.log)}")
