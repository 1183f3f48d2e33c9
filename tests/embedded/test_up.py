"""`manage.py up` as a person runs it: real processes on a data folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from tests import services, started_once
from tests.embedded.observing import alive, await_gone, descendants, free_port, processes_in
from tests.waiting import until
from zbmaint.embedded.layout import CHECKOUT, locate
from zbmaint.management.commands.up import port_from

START_SECONDS = 180.0
WORKERS = ("manage.py worker long", "manage.py worker short")


def environment(data: Path, **more: str) -> dict[str, str]:
    return started_once.without_ours(os.environ) | {"ZBMAINT_DATA": str(data)} | more


@dataclass
class Up:
    """A running `manage.py` and what it has said so far."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    def await_line(self, pattern: str) -> None:
        def seen() -> bool:
            if re.search(pattern, self.text):
                return True
            assert self.process.poll() is None, f"ended early:\n{self.text}"
            return False

        try:
            until(seen, START_SECONDS, pattern)
        except AssertionError as error:
            raise AssertionError(f"{error}:\n{self.text}") from None

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(START_SECONDS)
        self._reader.join(10)
        return status


class Starter:
    """Starts `manage.py` commands on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.started: list[Up] = []

    def __call__(self, *arguments: str, **more: str) -> Up:
        process = subprocess.Popen(
            [sys.executable, CHECKOUT / "manage.py", *arguments],
            env=environment(self.data, **more),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(Up(process))
        return self.started[-1]


@pytest.fixture
def run(folder: Path) -> Iterator[Starter]:
    """`run("up", "--no-web")` on a new data folder; whatever is left at the end is killed and fails the test."""
    starter = Starter(folder / "data")
    yield starter
    for up in starter.started:
        if up.process.poll() is None:
            up.end()
    left = until_quiet(starter.data)
    assert left == [], [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left]


def until_quiet(data: Path) -> list[int]:
    try:
        until(lambda: not processes_in(data), 15, "the end of everything on this data")
    except AssertionError:
        left = processes_in(data)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left
    return []


def status_of(port: int, path: str = "/healthz/live") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def command_lines(pids: list[int]) -> str:
    return "\n".join(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in pids if alive(pid))


def test_a_whole_life(run: Starter) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    up = run("up", "--port", str(port))
    up.await_line(rf"zbmaint is ready at {url} ")
    assert re.search(rf"{url}  Sign in as admin with the password \S{{12,}} \(shown this once\)", up.text)
    assert status_of(port) == 200
    assert status_of(port, "/login/") == 200
    children = descendants(up.process.pid)
    for name in ("postgres -D", "valkey-server", *WORKERS, "manage.py ticker", "manage.py prober", "granian"):
        assert name in command_lines(children), name

    second = run("up", "--port", str(free_port()))
    assert second.ended() == 1
    assert second.text == (f"CommandError: zbmaint is already running on {run.data} (process {up.process.pid}, {url}).")

    elsewhere = Starter(run.data.with_name("elsewhere"))
    occupied = elsewhere("up", PORT=str(port))
    assert occupied.ended() == 1
    assert occupied.text == f"CommandError: Port {port} is in use; choose another with PORT={port + 1}."
    assert not list(elsewhere.data.glob("postgres/*"))

    web = next(pid for pid in descendants(up.process.pid) if "granian" in command_lines([pid]))
    family = [web, *descendants(web)]
    os.kill(web, signal.SIGKILL)
    up.await_line(r"web ended \(killed by SIGKILL\); starting it again in 1 s")
    await_gone(family)
    until(lambda: status_of(port) == 200, 30, "the web server's return")

    children = descendants(up.process.pid)
    assert up.end(signal.SIGINT) == 0
    assert not any(alive(pid) for pid in children)
    assert up.said[-4:] == [
        "Stopping web, prober, ticker, worker short, worker long.",
        "Stopping Valkey.",
        "Stopping PostgreSQL.",
        "Stopped.",
    ]


def test_kill_minus_nine_leaves_nothing_and_the_next_start_continues(run: Starter) -> None:
    started_once.copy_to(run.data)
    port = free_port()
    up = run("up", PORT=str(port))
    up.await_line("is ready")
    children = descendants(up.process.pid)
    assert len(children) > 10
    up.end(signal.SIGKILL)

    # At once, while the servers may still be shutting down.
    again = run("up", "--no-workers", PORT=str(port))
    again.await_line("is ready")
    await_gone(children)
    assert "Sign in" not in again.text
    assert again.end(signal.SIGTERM) == 0
    assert again.said[-1] == "Stopped."


def test_neither_server_is_started_when_urls_are_set(run: Starter, folder: Path, nobodys_database: str) -> None:
    (folder / "url").write_text(nobodys_database)
    up = run(
        "up",
        "--no-web",
        "--no-workers",
        DATABASE_URL_FILE=str(folder / "url"),
        REDIS_URL=f"unix://{services.valkey.socket_path}?db=1",
        ZBMAINT_ADMIN_PASSWORD="a password of my own",
    )
    up.await_line("is ready")
    assert "Sign in as admin with the password in ZBMAINT_ADMIN_PASSWORD." in up.text
    assert "a password of my own" not in up.text
    assert "Starting" not in up.text
    assert descendants(up.process.pid) == []
    assert up.end() == 0
    assert locate(run.data).postgres_home.exists()
    assert list(locate(run.data).postgres_home.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    (folder / "file").touch()
    up = Starter(folder / "file" / "below")("up")
    assert up.ended() == 1
    assert up.text == (
        f"CommandError: Cannot write to the data folder {folder}/file/below (Not a directory); "
        "set ZBMAINT_DATA to a folder that you may write to."
    )


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", ""])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(CommandError, match=rf"{port!r} is not a port; write it like PORT=8080."):
        port_from(port)


def test_a_web_server_that_cannot_start_shows_its_log_and_stops_the_rest(run: Starter) -> None:
    started_once.copy_to(run.data)
    up = run("up", "--no-workers", "--port", str(free_port()), GRANIAN_LOG_LEVEL="nonsense")
    assert up.ended() == 1
    assert re.search(
        r"CommandError: The web server did not start\. Its log \S+/web\.log ends:\n.*nonsense", up.text, re.S
    )
    assert "Stopping PostgreSQL." in up.said
    assert "is ready" not in up.text


def test_detached_services_are_used_and_outlive_up(run: Starter) -> None:
    started = run("services", "start")
    assert started.ended() == 0
    layout = locate(run.data)
    assert started.said == [
        "Started Valkey and PostgreSQL.",
        f"DATABASE_URL={layout.database_url}",
        f"REDIS_URL={layout.redis_url}",
    ]
    pids = json.loads((run.data / "services.json").read_text())
    try:
        up = run("up", "--no-web", "--no-workers")
        up.await_line("is ready")
        assert "Using the PostgreSQL of `make up-services`." in up.said
        assert up.end(signal.SIGINT) == 0
        assert all(alive(pid) for pid in pids.values())
    finally:
        stopped = run("services", "stop")
    assert stopped.ended() == 0
    assert stopped.said == ["Stopped PostgreSQL and Valkey."]
    assert not any(alive(pid) for pid in pids.values())


def test_stopping_while_it_starts(run: Starter) -> None:
    up = run("up", "--port", str(free_port()))
    up.await_line("Preparing the database")
    assert up.end(signal.SIGTERM) == 0
    assert up.said[-1] == "Stopped."
    assert "is ready" not in up.text
