"""Child processes that cannot outlive their parent.

`start` runs a program through a tiny launcher (this file, executed as a script) that drops privileges, asks the kernel
for a signal on the parent's death and then becomes the program. The kernel keeps that promise even after `kill -9` of
the parent, which no exit handler can. Standard library only: the lower layers use it too.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

PR_SET_PDEATHSIG = 1
# How often a wait looks whether it should hurry, in seconds; the exit itself wakes the wait at once.
HURRY_POLL_SECONDS = 0.1
RESET_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD)


@dataclass(frozen=True)
class Account:
    """An operating system account that a child runs as."""

    name: str
    uid: int
    gid: int


def start(
    argv: Sequence[str | os.PathLike[str]],
    *,
    death_signal: signal.Signals | None = signal.SIGTERM,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own and return its process; the pid is the program's own.

    `death_signal` is sent to it when this process dies in any way (None: it outlives us). `account` needs root.
    `output` takes both stdout and stderr. Raises RuntimeError off the main thread, because the kernel means the death
    of the *thread* that started the child. A program that cannot be executed ends with status 127.
    """
    if death_signal is not None and threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a child that dies with its parent must be started from the main thread")
    identity = f"{account.uid}:{account.gid}" if account else "-"
    launcher = [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(death_signal or 0)), identity]
    return subprocess.Popen(  # noqa: S603 - the caller's own argument list, no shell
        [*launcher, *(os.fspath(part) for part in argv)],
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        start_new_session=True,
    )


def wait_exit(pid: int, seconds: float, hurried: Callable[[], bool] = lambda: False) -> bool:
    """Wait until the process `pid` has ended, at most `seconds` or until `hurried()`; True when it has ended.

    Does not collect the exit status of a child, so its process group still carries its pid afterwards.
    """
    deadline = time.monotonic() + seconds
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        while True:
            remaining = deadline - time.monotonic()
            if select.select([handle], [], [], max(0.0, min(remaining, HURRY_POLL_SECONDS)))[0]:
                return True
            if remaining <= 0 or hurried():
                return False
    finally:
        os.close(handle)


def stop(
    process: subprocess.Popen[bytes],
    *,
    stop_signal: signal.Signals = signal.SIGTERM,
    grace_seconds: float,
    hurried: Callable[[], bool] = lambda: False,
) -> bool:
    """Ask the main process alone to stop, wait out the grace, then kill what is left of its group.

    True when it stopped by itself. Only the main process gets `stop_signal`: a django-q2 cluster whose workers get
    SIGTERM too hangs for ever.
    """
    signal_main(process, stop_signal)
    return reap(process, grace_seconds=grace_seconds, hurried=hurried)


def signal_main(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the main process, unless its status was collected.

    Not `Popen.send_signal`, which collects the status of an ended process: its group could not be killed safely then.
    """
    if process.returncode is None:
        os.kill(process.pid, number)


def reap(
    process: subprocess.Popen[bytes], *, grace_seconds: float = 0.0, hurried: Callable[[], bool] = lambda: False
) -> bool:
    """Wait out the grace, kill the rest of the group and collect the exit status; True when no kill was needed."""
    if process.returncode is not None:
        return True
    ended = wait_exit(process.pid, grace_seconds, hurried)
    # Before the status is collected the pid, and so the group's number, cannot be taken by somebody else.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return ended


def launch(arguments: Sequence[str]) -> NoReturn:
    """Become the program: `arguments` are parent pid, death signal (0: none), `uid:gid` or `-`, then its argv."""
    parent, death_signal, identity, *argv = arguments
    if identity != "-":
        uid, gid = (int(part) for part in identity.split(":"))
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    if int(death_signal):
        # After the change of identity, which would clear it.
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
        if os.getppid() != int(parent):
            # The parent died before the request was in place, so its death will never be signalled.
            sys.exit("the parent is gone")
    # A parent in the background of a script ignores SIGINT, and that is inherited; a server needs its signals.
    for number in RESET_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    try:
        os.execv(argv[0], argv)  # noqa: S606 - becoming the program is the point
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error.strerror}\n")
        sys.exit(127)


if __name__ == "__main__":
    launch(sys.argv[1:])
