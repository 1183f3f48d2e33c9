"""One embedded PostgreSQL, on both versions: its life, its crashes, who may connect."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.embedded.conftest import Make
from tests.embedded.observing import await_gone, descendants, free_port, kill_hard, parent
from zbmaint import processes
from zbmaint.embedded.accounts import server_account
from zbmaint.embedded.errors import AlreadyRunningError, EmbeddedError
from zbmaint.embedded.postgres import PostgresServer

both = pytest.mark.parametrize("version", [18, 16])


@both
def test_first_connection_and_restart(make: Make, version: int) -> None:
    with make(version) as server, server.connect() as session:
        shown = [
            session.execute(f"SHOW {name}").fetchone() for name in ("server_encoding", "data_checksums", "timezone")
        ]
        assert shown == [("UTF8",), ("on",), ("UTC",)]
        assert session.info.server_version // 10000 == version
        session.execute("CREATE TABLE kept AS SELECT 'Ä' AS word, lower('Ä') AS lowered")
    assert server.running_pid() is None
    with make(version) as server, server.connect() as session:
        assert session.execute("SELECT word, lowered FROM kept").fetchone() == ("Ä", "ä")


@both
def test_roles_sign_in_over_tcp_with_their_password_only(make: Make, version: int) -> None:
    with make(version, port=free_port()) as server:
        assert server.create_role("ada", password="o'b/@ c", member_of=("pg_monitor",)) is True
        assert server.create_role("ada", password="ignored") is False
        assert server.create_database("books", "ada") is True
        assert server.create_database("books", "ada") is False
        with psycopg.connect(server.url("books", "ada", "o'b/@ c")) as session:
            assert session.execute("SELECT current_user, current_database()").fetchone() == ("ada", "books")
        with psycopg.connect(server.url("books", "ada")) as session:
            assert session.execute("SELECT inet_client_addr(), current_user").fetchone() == (None, "ada")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url("books", "ada", "wrong"))


def test_without_a_port_nothing_listens_on_tcp_and_the_socket_is_closed_to_others(make: Make) -> None:
    with make() as server, server.connect() as session:
        assert session.execute("SHOW listen_addresses").fetchone() == ("",)
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE((server.socket_dir / ".s.PGSQL.5432").stat().st_mode) == 0o700
        account = server_account(server.data_dir)
        assert server.socket_dir.stat().st_uid == (account.uid if account else os.geteuid())


@both
def test_it_ends_with_its_parent(make: Make, folder: Path, version: int) -> None:
    script = (
        "from pathlib import Path\nfrom zbmaint.embedded.postgres import PostgresServer\n"
        "server = PostgresServer(Path(sys.argv[1]) / 'data', Path(sys.argv[1]) / 'run', version=int(sys.argv[2]))\n"
        "server.start(); server.wait_ready()"
    )
    boss = parent(script, folder, str(version))
    server = make(version)
    with server.connect():  # a session that is open does not keep it alive
        pids = descendants(boss.pid)
        assert len(pids) > 4
        kill_hard(boss)
        await_gone(pids)
    assert server.running_pid() is None


@both
def test_it_starts_again_after_a_crash(make: Make, version: int) -> None:
    server = make(version, durable=True)
    server.start()
    server.wait_ready()
    with server.connect() as session:
        session.execute("CREATE TABLE kept AS SELECT 1 AS one")
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    assert (server.data_dir / "postmaster.pid").exists()
    with make(version) as again, again.connect() as session:
        assert session.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_stale_pid_that_another_program_has_now_does_not_stop_it(make: Make) -> None:
    server = make()
    with server:
        stale = (server.data_dir / "postmaster.pid").read_text()
    account = server_account(server.data_dir)
    other = processes.start(["/usr/bin/env", "sleep", "300"], account=account)
    try:
        (server.data_dir / "postmaster.pid").write_text("\n".join([str(other.pid), *stale.splitlines()[1:]]) + "\n")
        with make() as again:
            assert again.running_pid() not in (None, other.pid)
        assert other.poll() is None
    finally:
        processes.stop(other, grace_seconds=5)


def test_a_live_one_is_detected_and_can_be_stopped_by_another_process(make: Make) -> None:
    with make() as server:
        twin = make()
        assert server.process is not None
        with pytest.raises(AlreadyRunningError, match=f"process {server.process.pid}") as caught:
            twin.start()
        assert caught.value.pid == server.process.pid
        twin.stop()
        assert server.process.wait(10) == 0


def test_an_unfinished_initdb_is_done_again(folder: Path) -> None:
    (folder / ".data.new" / "base").mkdir(parents=True)
    server = PostgresServer(folder / "data", folder / "run", durable=False)
    assert server.ensure_initialised() is True
    assert server.ensure_initialised() is False
    assert not (folder / ".data.new").exists()


def test_a_broken_configuration_shows_the_log(folder: Path) -> None:
    server = PostgresServer(folder / "data", folder / "run", durable=False, settings={"shared_buffers": "-5"})
    server.start()
    with pytest.raises(EmbeddedError, match=r"ended while starting(.|\n)*shared_buffers"):
        server.wait_ready()
    server.stop()


def test_a_socket_path_that_is_too_long_is_named(folder: Path) -> None:
    server = PostgresServer(folder / "data", folder / ("x" * 100), durable=False)
    with pytest.raises(EmbeddedError, match="too long"):
        server.start()


def test_a_folder_closed_to_the_servers_account() -> None:
    """Root's server runs as another account, which is named; an ordinary user's own server just runs."""
    with tempfile.TemporaryDirectory(dir="/tmp") as closed:
        server = PostgresServer(Path(closed) / "data", Path(closed) / "run", durable=False)
        if os.geteuid() == 0:
            with pytest.raises(EmbeddedError, match="which cannot reach"):
                server.start()
        else:
            with server as running:
                running.connect().close()


def test_the_environment_of_other_servers_does_not_matter(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "PGHOST": "/nowhere", "PGUSER": "nobody"}.items():
        monkeypatch.setenv(name, value)
    with make() as server, psycopg.connect(server.url("postgres", "postgres")) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_the_client_programs_come_along(make: Make) -> None:
    with make() as server:
        dump = subprocess.run(
            [server.programs / "pg_dump", "--schema-only", server.url("postgres", "postgres")],
            capture_output=True,
            check=True,
            timeout=60,
        )
    assert b"PostgreSQL database dump complete" in dump.stdout
