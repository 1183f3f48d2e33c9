"""Children under supervision, their logs, and the claim on the data root."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from tests.embedded.observing import await_gone, kill_hard, parent
from tests.waiting import until
from zbmaint import processes
from zbmaint.embedded import logs
from zbmaint.embedded.children import POSTGRES_WARNING, VALKEY_WARNING, WARNING, Child, Supervisor
from zbmaint.embedded.errors import EmbeddedError
from zbmaint.embedded.interrupts import StopAsked, StopSignals
from zbmaint.embedded.lock import DataLock
from zbmaint.embedded.logs import Follower, last_lines, open_log


def shell(name: str, code: str, folder: Path, **options: object) -> Child:
    log = folder / f"{name}.log"

    def launch() -> Popen[bytes]:
        with open_log(log) as output:
            return processes.start(["/bin/sh", "-c", code], output=output)

    return Child(name, launch, log, **options)  # type: ignore[arg-type]


def after(condition: Callable[[], object], do: Callable[[], None]) -> threading.Thread:
    def wait_and_do() -> None:
        until(condition, 20, "the condition")
        do()

    thread = threading.Thread(target=wait_and_do)
    thread.start()
    return thread


def ask_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_what_ends_is_started_again_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    with StopSignals() as signals:
        supervisor = Supervisor(signals, said.append)
        supervisor.start(shell("flaky", "echo started; exit 3", tmp_path))
        thread = after(lambda: (tmp_path / "flaky.log").read_text().count("started") >= 2, ask_to_stop)
        supervisor.watch()
        supervisor.stop()
        thread.join()
    assert said[0] == f"flaky ended (exit status 3); starting it again in 1 s. Its log is {tmp_path}/flaky.log"


def test_warnings_are_relayed_in_words_and_the_rest_stays_in_the_log(tmp_path: Path) -> None:
    entry = json.dumps({"level": "warning", "event": "task.slow", "run": 7, "timestamp": "now"})
    code = f"echo calm; echo '{entry}'; echo '[ERROR] loud'; while :; do sleep 0.05; done"
    said: list[str] = []
    with StopSignals() as signals:
        supervisor = Supervisor(signals, said.append)
        supervisor.start(shell("worker", code, tmp_path))
        thread = after(lambda: len(said) >= 2, ask_to_stop)
        supervisor.watch()
        supervisor.stop()
        thread.join()
    assert said == ["worker | warning: task.slow run=7", "worker | [ERROR] loud", "Stopping worker."]
    assert "calm" in (tmp_path / "worker.log").read_text()


def test_later_ranks_stop_first_and_a_second_request_hurries(tmp_path: Path) -> None:
    deaf = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"
    said: list[str] = []
    with StopSignals() as signals:
        supervisor = Supervisor(signals, said.append)
        supervisor.start(shell("base", "exec sleep 300", tmp_path, rank=0))
        supervisor.start(shell("deaf", deaf, tmp_path, grace_seconds=300.0))
        until(lambda: "deaf" in (tmp_path / "deaf.log").read_text(), 10, "the trap")
        signals.raising = False
        ask_to_stop()
        supervisor.watch()
        hurry = after(lambda: "Stopping deaf." in said, ask_to_stop)
        supervisor.stop()
        hurry.join()
    assert said == ["Stopping deaf.", "deaf did not stop in time and was killed.", "Stopping base."]


def test_the_first_request_interrupts_the_start() -> None:
    with StopSignals() as signals:
        with pytest.raises(StopAsked):
            ask_to_stop()
        ask_to_stop()
        assert signals.count == 2
        signals.wait(0)


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        (WARNING, "2026-11-24T10:00:00Z [warning  ] low disk", True),
        (WARNING, '{"event": "error budget", "level": "info"}', False),
        (WARNING, "[INFO] Started worker-1", False),
        (POSTGRES_WARNING, "2026-11-24 10:00:00.000 UTC [7] ada@books  ERROR:  syntax error", False),
        (POSTGRES_WARNING, "2026-11-24 10:00:00.000 UTC [7] @  PANIC:  no space left", True),
        (VALKEY_WARNING, "7:M 24 Nov 2026 10:00:00.000 # WARNING Memory overcommit must be enabled!", False),
        (VALKEY_WARNING, "7:M 24 Nov 2026 10:00:00.000 # Valkey is now ready to exit, bye bye...", False),
        (VALKEY_WARNING, "7:M 24 Nov 2026 10:00:00.000 # Can't save in background: fork", True),
    ],
)
def test_what_counts_as_a_warning(pattern: object, line: str, *, found: bool) -> None:
    assert bool(pattern.search(line)) is found  # type: ignore[attr-defined]


def test_logs_rotate_and_only_a_few_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "ROTATE_BYTES", 10)
    path = tmp_path / "a.log"
    for number in range(6):
        with open_log(path) as log:
            log.write(b"line %d, long enough\n" % number)
    kept = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert kept == {
        name: f"line {number}, long enough\n"
        for name, number in (("a.log", 5), ("a.log.1", 4), ("a.log.2", 3), ("a.log.3", 2))
    }


def test_a_follower_sees_whole_new_lines_across_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n")
    follower = Follower(path)
    assert follower.lines() == []
    with path.open("a") as log:
        log.write("new\nhal")
        log.flush()
        assert follower.lines() == ["new"]
        log.write("f\n")
    assert follower.lines() == ["half"]
    path.write_text("r\n")
    assert follower.lines() == ["r"]


def test_the_end_of_a_log(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    assert "empty" in last_lines(path)
    path.write_text("\n".join(str(number) for number in range(50)))
    assert last_lines(path, 2) == "    48\n    49"


def test_a_data_root_has_one_holder_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path\nfrom zbmaint.embedded.lock import DataLock\n"
        "DataLock(Path(sys.argv[1]), 'http://here').__enter__()"
    )
    holder = parent(script, tmp_path)
    with pytest.raises(EmbeddedError, match=rf"already running on {tmp_path} \(process {holder.pid}, http://here\)"):
        DataLock(tmp_path, "").__enter__()
    kill_hard(holder)
    await_gone([holder.pid])
    with DataLock(tmp_path, "http://again"):
        assert json.loads((tmp_path / "up.lock").read_text()) == {"pid": os.getpid(), "url": "http://again"}
