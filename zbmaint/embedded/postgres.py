"""One embedded PostgreSQL: initialised, started, waited for and stopped; independent of the layout and of Django."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from zbmaint import processes
from zbmaint.embedded import postgres_files as files
from zbmaint.embedded.accounts import current_account, make_folders, own_directory, reachable, server_account
from zbmaint.embedded.binaries import postgres_programs
from zbmaint.embedded.errors import AlreadyRunningError, EmbeddedError
from zbmaint.embedded.layout import LONGEST_SOCKET_PATH, SOCKET_PORT, socket_url
from zbmaint.embedded.logs import last_lines, open_log
from zbmaint.processes import Account

SUPERUSER = "postgres"
# Rows of postmaster.pid, counted from zero.
PID_ROW, MEMORY_ROW, STATUS_ROW = 0, 6, 7
READY_POLL_SECONDS = 0.01
# How long the sessions of a killed server may take to notice that it is gone.
RELEASE_SECONDS = 10.0


class PostgresServer:
    """A PostgreSQL cluster in `data_dir` that listens in `socket_dir`, and on 127.0.0.1 when `port` is given.

    `version` is 16 or 18, or one that the system has. As root it runs as `account` (by default the owner of the data,
    else `zbmaint`), and both folders must be reachable for that account. On the socket the server's account and ours
    may be any role, without a password; over TCP a role needs one. `durable=False` trades crash safety for speed
    (tests). `settings` overrides postgresql.conf. `log` takes what the server says, by default `<data_dir>.log`.
    """

    def __init__(
        self,
        data_dir: Path,
        socket_dir: Path,
        *,
        version: int = 18,
        port: int | None = None,
        account: Account | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.socket_dir = socket_dir
        self.version = version
        self.port = port
        self.log = log or data_dir.with_name(f"{data_dir.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self._account = account
        self._durable = durable
        self._settings = dict(settings or {})

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

    # -- life -----------------------------------------------------------------------------------------------------

    def ensure_initialised(self) -> bool:
        """Run initdb unless it was done; True when it was done now. A crash in the middle leaves nothing half-done."""
        if (self.data_dir / "PG_VERSION").exists():
            return False
        account = self._resolve_account()
        unfinished = self.data_dir.with_name(f".{self.data_dir.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        own_directory(unfinished, account)
        if account is not None and not reachable(self.data_dir.parent):
            raise EmbeddedError(f"PostgreSQL runs as the account {account.name}, which cannot reach {self.data_dir}.")
        self._initdb(unfinished, account)
        configuration = (unfinished / "postgresql.conf").read_text(encoding="utf-8")
        files.write(unfinished / "postgresql.conf", f"{configuration}\ninclude 'zbmaint.conf'\n", account)
        os.replace(unfinished, self.data_dir)
        return True

    def start(self, *, outlive_us: bool = False) -> subprocess.Popen[bytes]:
        """Start the server, initialising it first; returns at once, see `wait_ready`.

        It shuts down by itself (fast) when this process dies, unless `outlive_us`. Raises AlreadyRunningError when a
        server is alive on this data, and EmbeddedError when it cannot be started. Main thread only.
        """
        self.ensure_initialised()
        pid = self.running_pid()
        if pid is not None:
            raise AlreadyRunningError(f"PostgreSQL is running on {self.data_dir} already (process {pid}).", pid)
        account = self._resolve_account()
        self._prepare_sockets(account)
        self._write_configuration(account)
        stale_pid = self._await_release()
        with self._open_log() as log:
            self.process = processes.start(
                [postgres_programs(self.version, account) / "postgres", "-D", self.data_dir],
                # SIGINT is the fast shutdown: sessions are ended, the data is left clean.
                death_signal=None if outlive_us else signal.SIGINT,
                account=account,
                # A killed server's pid may be another program's by now, and PostgreSQL would take that for a live
                # server, unless it hears that the pid is among its own ancestors.
                env=_environment() | ({"PG_GRANDPARENT_PID": stale_pid} if stale_pid else {}),
                cwd=Path("/"),
                output=log,
            )
        return self.process

    def wait_ready(self, seconds: float = 30.0) -> None:
        """Wait until connections are accepted; EmbeddedError with the end of the log when that does not come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is not None and processes.wait_exit(self.process.pid, 0):
                raise self._failed("PostgreSQL ended while starting")
            if self._pid_file_row(STATUS_ROW) == "ready" and self.running_pid() is not None:
                self.connect().close()
                return
            time.sleep(READY_POLL_SECONDS)
        raise self._failed(f"PostgreSQL is not ready after {seconds:g} s")

    def stop(self, seconds: float = 30.0) -> None:
        """Shut down fast and wait; a server that has not stopped after `seconds` is killed (it recovers on its start).

        Also stops a server that another process has started on this data. No error when none is running.
        """
        if self.process is not None:
            processes.stop(self.process, stop_signal=signal.SIGINT, grace_seconds=seconds)
            self.process = None
            return
        pid = self.running_pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        if not processes.wait_exit(pid, seconds):
            os.kill(pid, signal.SIGKILL)
            processes.wait_exit(pid, seconds)

    def running_pid(self) -> int | None:
        """Return the pid of the server that is alive on this data, whoever started it; None for a stale pid file."""
        row = self._pid_file_row(PID_ROW)
        if row is None or not row.isdigit():
            return None
        try:
            arguments = Path(f"/proc/{row}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return None
        # The number may have been given to another program since. `-D` may name the folder by another path.
        if os.path.basename(arguments[0]) != b"postgres" or b"-D" not in arguments[:-1]:
            return None
        folder = Path(os.fsdecode(arguments[arguments.index(b"-D") + 1]))
        return int(row) if os.path.realpath(folder) == os.path.realpath(self.data_dir) else None

    # -- use ------------------------------------------------------------------------------------------------------

    def connect(self, database: str = "postgres", user: str = SUPERUSER, **options: Any) -> psycopg.Connection:
        """Open an autocommit connection over the socket as any role, the superuser by default."""
        port = self.port or SOCKET_PORT
        target = {"host": str(self.socket_dir), "port": port, "dbname": database, "user": user, **options}
        return psycopg.connect(**target, autocommit=True)

    def url(self, database: str, user: str, password: str | None = None) -> str:
        """Return the URL of a database: over TCP when a password is given, else over the socket."""
        if password is None:
            return socket_url(self.socket_dir, user=user, database=database, port=self.port or SOCKET_PORT)
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{login}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    @property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs of this version: pg_dump, pg_restore, pg_amcheck and the like."""
        return postgres_programs(self.version, self._resolve_account())

    def create_role(self, name: str, *, password: str | None = None, member_of: tuple[str, ...] = ()) -> bool:
        """Create a role that may sign in and is no superuser; False when it exists (then nothing is changed)."""
        with self.connect() as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
                return False
            role = sql.Identifier(name)
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
            for group in member_of:
                connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), role))
        return True

    def create_database(self, name: str, owner: str = SUPERUSER) -> bool:
        """Create a database; False when it exists (then nothing is changed)."""
        with self.connect() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            names = sql.Identifier(name), sql.Identifier(owner)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
        return True

    # -- parts ----------------------------------------------------------------------------------------------------

    def _resolve_account(self) -> Account | None:
        if self._account is None:
            self._account = server_account(self.data_dir)
        return self._account

    def _initdb(self, folder: Path, account: Account | None) -> None:
        command: list[str | Path] = [postgres_programs(self.version, account) / "initdb", "-D", folder, "-U", SUPERUSER]
        command += ["--encoding=UTF8", "--data-checksums", "--auth-local=peer", "--auth-host=reject"]
        if self.version >= 17:
            # Sorts the same on every machine, whatever the C library.
            command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            command += ["--locale=C.UTF-8", "--lc-messages=C"]
        if not self._durable:
            command.append("--no-sync")
        current_account()
        with self._open_log() as log:
            process = processes.start(
                command, death_signal=signal.SIGKILL, account=account, env=_environment(), cwd=Path("/"), output=log
            )
            processes.reap(process, grace_seconds=120)
        if process.returncode != 0:
            raise self._failed(f"initdb failed on {self.data_dir}")

    def _prepare_sockets(self, account: Account | None) -> None:
        own_directory(self.socket_dir, account)
        socket = self.socket_dir / f".s.PGSQL.{self.port or SOCKET_PORT}"
        if len(os.fsencode(socket)) > LONGEST_SOCKET_PATH:
            raise EmbeddedError(f"The path {self.socket_dir} is too long for a socket.")

    def _await_release(self) -> str | None:
        """Wait until the sessions of a killed server have let go of its memory; the pid it had, None for a clean start.

        The pid file stays: PostgreSQL reads in it which memory segment must be free before it touches the data.
        """
        memory = (self._pid_file_row(MEMORY_ROW) or "").split()
        deadline = time.monotonic() + RELEASE_SECONDS
        while len(memory) == 2 and _in_use(memory[1]) and time.monotonic() < deadline:
            time.sleep(READY_POLL_SECONDS)
        return self._pid_file_row(PID_ROW)

    def _write_configuration(self, account: Account | None) -> None:
        tcp = self.port is not None
        durability = {} if self._durable else dict(files.NOT_DURABLE)
        network = files.network_settings(self.socket_dir, self.port or SOCKET_PORT, tcp=tcp)
        settings = {**files.SETTINGS, **durability, **network, **self._settings}
        names = {current_account().name} | ({account.name} if account else set())
        files.write(self.data_dir / "zbmaint.conf", files.settings_text(settings), account)
        files.write(self.data_dir / "pg_hba.conf", files.access_text(tcp=tcp, mapped=self.version >= 16), account)
        files.write(self.data_dir / "pg_ident.conf", files.identities_text(sorted(names)), account)

    def _failed(self, what: str) -> EmbeddedError:
        return EmbeddedError(f"{what}. Its log {self.log} ends:\n{last_lines(self.log)}")

    def _open_log(self) -> BinaryIO:
        make_folders(self.log.parent)
        return open_log(self.log)

    def _pid_file_row(self, row: int) -> str | None:
        try:
            rows = (self.data_dir / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return None
        return rows[row].strip() if len(rows) > row else None


def _in_use(segment: str) -> bool:
    """Whether a process is attached to the System V memory segment with this id."""
    with open("/proc/sysvipc/shm", encoding="ascii") as table:
        names = table.readline().split()
        rows = (dict(zip(names, line.split(), strict=False)) for line in table)
        return any(row["shmid"] == segment and int(row["nattch"]) > 0 for row in rows)


def _environment() -> dict[str, str]:
    """Ours without what would steer PostgreSQL past its configuration (PGDATA, PGPORT, …) or tell it a secret."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LANG": "C", "LC_ALL": "C"}
