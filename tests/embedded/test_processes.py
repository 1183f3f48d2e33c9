"""Children that cannot outlive their parent, and how they are stopped."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.embedded.observing import alive, await_gone, kill_hard, parent
from tests.waiting import until
from zbmaint import processes

START = "from zbmaint import processes\nprocesses.start(sys.argv[1:]{})\n"
SLEEP = ["/usr/bin/env", "sleep", "300"]


def sleeper(marker: Path) -> list[str]:
    """A shell that writes its pid and sleeps; TERM makes it write `term`, INT `int`."""
    code = f"trap 'echo int >{marker}.end; exit' INT; trap 'echo term >{marker}.end; exit' TERM; "
    return ["/bin/sh", "-c", f"{code} echo $$ >{marker}.new; mv {marker}.new {marker}; while :; do sleep 0.05; done"]


def pid_in(marker: Path) -> int:
    until(marker.exists, 10, str(marker))
    return int(marker.read_text())


@pytest.mark.parametrize(
    ("option", "said"), [("", "term"), (", death_signal=signal.SIGINT", "int"), (", death_signal=None", None)]
)
def test_it_hears_of_its_parents_death(tmp_path: Path, option: str, said: str | None) -> None:
    marker = tmp_path / "pid"
    boss = parent(START.format(option), *sleeper(marker))
    child = pid_in(marker)
    kill_hard(boss)
    if said is None:
        assert alive(child)
        os.kill(child, signal.SIGKILL)
    else:
        await_gone([child])
        assert (tmp_path / "pid.end").read_text().strip() == said


def test_it_does_not_start_when_the_parent_died_first(tmp_path: Path) -> None:
    launcher = [sys.executable, "-I", "-S", processes.__file__, "1", "15", "-"]
    outcome = subprocess.run(
        [*launcher, "/usr/bin/touch", tmp_path / "started"], capture_output=True, check=False, timeout=30
    )
    assert outcome.returncode == 1
    assert b"parent is gone" in outcome.stderr
    assert not (tmp_path / "started").exists()


def test_a_thread_may_not_start_one() -> None:
    failures: list[BaseException] = []

    def attempt() -> None:
        try:
            processes.start(SLEEP)
        except RuntimeError as error:
            failures.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert "main thread" in str(failures[0])


def test_it_drops_to_an_account() -> None:
    entry = pwd.getpwnam("nobody")
    account = processes.Account(entry.pw_name, entry.pw_uid, entry.pw_gid) if os.geteuid() == 0 else None
    child = processes.start(["/usr/bin/env", "sh", "-c", "id -u; id -G"], account=account, output=subprocess.PIPE)
    said, _ = child.communicate(timeout=30)
    expected = [account.uid, account.gid] if account else [os.geteuid(), *os.getgroups()]
    assert sorted({int(number) for number in said.split()}) == sorted(set(expected))


def test_it_has_the_usual_signals_though_its_parent_ignores_them(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    boss = parent(f"signal.signal(signal.SIGINT, signal.SIG_IGN)\n{START.format('')}", *sleeper(marker))
    child = pid_in(marker)
    os.kill(child, signal.SIGINT)
    await_gone([child])
    kill_hard(boss)


def test_a_missing_program_is_status_127() -> None:
    child = processes.start(["/no/such/program"], output=subprocess.PIPE)
    said, _ = child.communicate(timeout=30)
    assert child.returncode == 127
    assert b"/no/such/program: No such file" in said


def test_stop_asks_the_main_process_alone_and_then_kills_its_group(tmp_path: Path) -> None:
    marker, grandchild = tmp_path / "main", tmp_path / "grandchild"
    inner = f"trap 'touch {tmp_path}/heard' TERM; echo $$ >{grandchild}; while :; do sleep 0.05; done"
    code = f"trap '' TERM; sh -c \"{inner}\" & echo $$ >{marker}; while :; do sleep 0.05; done"
    child = processes.start(["/bin/sh", "-c", code])
    until(lambda: grandchild.exists() and grandchild.read_text(), 10, "the grandchild")
    assert processes.stop(child, grace_seconds=0.3) is False
    assert child.returncode == -signal.SIGKILL
    await_gone([int(grandchild.read_text())])
    assert not (tmp_path / "heard").exists()


def test_stop_is_hurried(tmp_path: Path) -> None:
    marker = tmp_path / "deaf"
    child = processes.start(["/bin/sh", "-c", f"trap '' TERM; touch {marker}; while :; do sleep 0.05; done"])
    until(marker.exists, 10, "the trap")
    assert processes.stop(child, grace_seconds=300, hurried=lambda: True) is False


def test_what_the_main_process_leaves_behind_is_killed(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    child = processes.start(["/bin/sh", "-c", f"sleep 300 & echo $! >{marker}"])
    assert processes.wait_exit(child.pid, 10)
    assert processes.reap(child) is True
    assert child.returncode == 0
    await_gone([int(marker.read_text())])
