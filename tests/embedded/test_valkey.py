"""One embedded Valkey: its life and its crashes."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import pytest
import redis

from tests.embedded.observing import await_gone, descendants, kill_hard, parent
from zbmaint.embedded.errors import AlreadyRunningError, EmbeddedError
from zbmaint.embedded.valkey import ValkeyServer


def client(server: ValkeyServer) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(server.socket_path))


def test_it_listens_on_a_closed_socket_alone_and_keeps_what_it_was_told(folder: Path) -> None:
    data = folder / "a 'quoted\" folder"
    with ValkeyServer(data) as server:
        shown = client(server).config_get("port", "appendonly", "dir")
        assert shown == {"port": "0", "appendonly": "yes", "dir": str(data)}
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket_path.stat().st_mode) == 0o700
        client(server).set("kept", "1")
    assert server.running_pid() is None
    with ValkeyServer(data) as server:
        assert client(server).get("kept") == b"1"


def test_it_ends_with_its_parent(folder: Path) -> None:
    script = (
        "from pathlib import Path\nfrom zbmaint.embedded.valkey import ValkeyServer\n"
        "server = ValkeyServer(Path(sys.argv[1]))\nserver.start(); server.wait_ready()"
    )
    boss = parent(script, folder / "data")
    pids = descendants(boss.pid)
    assert [ValkeyServer(folder / "data").running_pid()] == pids
    kill_hard(boss)
    await_gone(pids)


def test_it_starts_again_after_a_crash(folder: Path) -> None:
    server = ValkeyServer(folder / "data")
    server.start()
    server.wait_ready()
    client(server).set("kept", "1")
    assert client(server).waitaof(1, 0, 5000) == [1, 0]
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    with ValkeyServer(folder / "data") as again:
        assert client(again).get("kept") == b"1"


def test_a_live_one_is_detected_and_can_be_stopped_by_another_process(folder: Path) -> None:
    with ValkeyServer(folder / "data") as server:
        twin = ValkeyServer(folder / "data")
        assert server.process is not None
        with pytest.raises(AlreadyRunningError, match=f"process {server.process.pid}"):
            twin.start()
        twin.stop()
        assert server.process.wait(10) == 0


def test_a_broken_file_shows_the_log(folder: Path) -> None:
    with ValkeyServer(folder / "data"):
        pass
    manifest = folder / "data" / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("nonsense")
    server = ValkeyServer(folder / "data")
    server.start()
    with pytest.raises(EmbeddedError, match=r"ended while starting(.|\n)*AOF manifest"):
        server.wait_ready()
    server.stop()
