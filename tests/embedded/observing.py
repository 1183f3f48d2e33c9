"""Looking at processes from outside, and parents that a test can kill."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.waiting import until
from zbmaint.embedded.layout import CHECKOUT


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def descendants(pid: int) -> list[int]:
    """The pids of a process's children, their children and so on."""
    children = [
        int(child) for tasks in Path(f"/proc/{pid}/task").glob("*/children") for child in tasks.read_text().split()
    ]
    return children + [each for child in children for each in descendants(child)]


def command_of(pid: int) -> bytes:
    """Its command line; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def processes_in(folder: Path) -> list[int]:
    """The pids of all processes that name `folder` in their arguments."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in arguments and alive(int(entry.name)):
            found.append(int(entry.name))
    return found


def await_gone(pids: list[int], seconds: float = 15.0) -> None:
    """Fail unless all of these processes have ended within `seconds`."""
    until(lambda: not any(alive(pid) for pid in pids), seconds, f"the end of {pids}")


def parent(script: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start a Python process that runs `script`, says `ready` and then waits to be killed."""
    code = f"import sys, signal\n{script}\nprint('ready', flush=True)\nsignal.pause()\n"
    process = subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], cwd=CHECKOUT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == b"ready\n", line
    return process


def kill_hard(process: subprocess.Popen[bytes]) -> None:
    """`kill -9`, and take the status."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
