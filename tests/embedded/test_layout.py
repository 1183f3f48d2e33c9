"""Where things live: deterministic, short enough for sockets, reachable for the server's account."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import pytest
import redis
from psycopg.conninfo import conninfo_to_dict

from zbmaint.embedded import binaries
from zbmaint.embedded.accounts import ACCOUNT_NAME, SYSTEM_ROOT, own_directory, reachable, server_account
from zbmaint.embedded.errors import EmbeddedError
from zbmaint.embedded.layout import CHECKOUT, LONGEST_SOCKET_PATH, Layout, locate
from zbmaint.embedded.postgres import PostgresServer

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def closed(folder: Path) -> Iterator[Path]:
    """A folder that only its owner may enter, as root's home is; what it makes elsewhere is removed."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    yield home
    elsewhere = locate(home / "data").postgres_home
    if elsewhere.is_relative_to(SYSTEM_ROOT):
        shutil.rmtree(elsewhere, ignore_errors=True)


def test_the_data_root_is_in_the_checkout_or_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZBMAINT_DATA", raising=False)
    assert locate().root == CHECKOUT / ".data"
    monkeypatch.setenv("ZBMAINT_DATA", "some/where")
    assert locate().root == Path.cwd() / "some/where"


@pytest.mark.parametrize("name", ["data", "A %41 b@c:d?e#f", "Ünïcode"])
def test_urls_mean_the_same_to_everybody(folder: Path, name: str) -> None:
    layout = locate(folder / name)
    parsed = dj_database_url.parse(layout.database_url)
    assert (parsed["HOST"], parsed["PORT"], parsed["USER"], parsed["NAME"]) == (
        str(layout.postgres_sockets),
        5432,
        "zbmaint",
        "zbmaint",
    )
    assert conninfo_to_dict(layout.database_url) == {
        "host": str(layout.postgres_sockets),
        "port": "5432",
        "user": "zbmaint",
        "dbname": "zbmaint",
    }
    arguments = redis.Redis.from_url(layout.redis_url).connection_pool.connection_kwargs
    assert (arguments["path"], arguments["db"]) == (str(layout.valkey_socket), 0)


def test_a_short_path_keeps_everything_in_the_data_root(folder: Path) -> None:
    layout = locate(folder / "data")
    layout.prepare()
    assert layout.postgres_sockets.is_relative_to(layout.root)
    assert layout.valkey_socket.is_relative_to(layout.root)
    assert layout == locate(folder / "data")
    for private in (layout.valkey_data, layout.logs):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_a_long_path_gets_a_short_private_socket_folder(folder: Path) -> None:
    layout = locate(folder / ("long" * 30))
    try:
        layout.prepare()
        assert layout.sockets is not None
        assert layout.sockets.stat().st_uid == os.geteuid()
        assert not layout.sockets.stat().st_mode & 0o066
        for socket in (layout.postgres_sockets / ".s.PGSQL.5432.lock", layout.valkey_socket):
            assert len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH
        assert layout == locate(folder / ("long" * 30))
        assert layout.sockets != locate(folder / ("long" * 31)).sockets
        server = PostgresServer(layout.postgres_data, layout.postgres_sockets, durable=False)
        with server, server.connect() as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
    finally:
        if layout.sockets is not None:
            shutil.rmtree(layout.sockets)


def test_somebody_elses_socket_folder_is_refused(folder: Path) -> None:
    (folder / "theirs").mkdir()
    (folder / "ours").symlink_to(folder / "theirs")
    with pytest.raises(EmbeddedError, match="not a folder of this user"):
        own_directory(folder / "ours", None)
    with pytest.raises(EmbeddedError, match="not a folder of this user"):
        own_directory(Path("/proc/1") if not AS_ROOT else _owned_by_another(folder), None)


def _owned_by_another(folder: Path) -> Path:
    path = folder / "nobodys"
    path.mkdir()
    os.chown(path, 65534, 65534)
    return path


def test_a_file_where_the_folder_should_be_is_named(folder: Path) -> None:
    (folder / "file").touch()
    for root in (folder / "file", folder / "file" / "below"):
        with pytest.raises(EmbeddedError, match=rf"data folder {root} .*ZBMAINT_DATA"):
            locate(root).prepare()


def test_a_folder_without_write_permission_is_named(folder: Path) -> None:
    folder.chmod(0o555)
    reading, writing = os.pipe()
    # A fork, because a program that another account runs anew may be unable to reach the interpreter or the checkout.
    child = os.fork()
    if child == 0:
        try:
            if AS_ROOT:
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)
            locate(folder / "d").prepare()
        except EmbeddedError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading, encoding="utf-8") as said:
        assert said.read().startswith(f"Cannot write to the data folder {folder}/d (Permission denied)")


def test_below_a_closed_home_the_server_lives_where_its_account_can_reach_it(closed: Path) -> None:
    """Root's server moves under /var/lib and a link says so; an ordinary user's own server just runs."""
    layout = locate(closed / "data")
    layout.prepare()
    if AS_ROOT:
        assert layout.postgres_home.parent == SYSTEM_ROOT
        assert Path(os.readlink(closed / "data" / "postgres")) == layout.postgres_home
    else:
        assert layout.postgres_home == closed / "data" / "postgres"
    server = PostgresServer(layout.postgres_data, layout.postgres_sockets, durable=False)
    with server, server.connect() as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    # Opened later or not: the record in the data root decides, or the data would seem lost.
    closed.chmod(0o755)
    assert locate(closed / "data") == layout


def test_programs_in_a_closed_folder_are_copied_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's server gets a copy that its account can run; an ordinary user runs what is installed."""
    monkeypatch.setattr(binaries, "SYSTEM_ROOT", folder / "system")
    monkeypatch.setattr(binaries, "_open_to_others", lambda _installation: False)
    # A wheel that was installed with a strict umask.
    previous = os.umask(0o077)
    try:
        server = PostgresServer(folder / "data", folder / "run", durable=False)
        with server, server.connect() as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
    finally:
        os.umask(previous)
    assert server.programs.is_relative_to(folder / "system") is AS_ROOT


def test_reachable_looks_at_every_folder_on_the_way(closed: Path) -> None:
    assert reachable(closed.parent / "not" / "there")
    assert not reachable(closed / "not" / "there")


def test_the_account(folder: Path) -> None:
    account = server_account(folder / "new")
    if not AS_ROOT:
        assert account is None
        return
    assert account is not None
    assert account.name == ACCOUNT_NAME
    owned = _owned_by_another(folder)
    other = server_account(owned)
    assert other is not None
    assert other.uid == 65534


def test_layouts_are_values(folder: Path) -> None:
    assert locate(folder) == Layout(folder, folder / "postgres", None)
