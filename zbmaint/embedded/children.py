"""The children of `manage.py up`: started in order, restarted when they end, stopped in the opposite order."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from zbmaint import processes
from zbmaint.embedded.errors import EmbeddedError
from zbmaint.embedded.interrupts import StopSignals
from zbmaint.embedded.logs import Follower

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between an end and the next start; doubles
STEADY_SECONDS = 60.0  # a child that ran this long starts over with the first pause
RELAY_SECONDS = 0.5  # how often logs are looked at for warnings
RELAYED_LINES = 10  # of one child at a time; the log has the rest

WARNING = re.compile(r'"level": "(warning|error|critical)"|\[(warning|error|critical) *\]|\[(WARNING|ERROR|CRITICAL)\]')
# PostgreSQL's word to every session of a restart is left out: that it ended is said once.
POSTGRES_WARNING = re.compile(r" (WARNING|FATAL|PANIC): (?!.*(terminating connection due|system is starting up))")
# Valkey marks warnings with a number sign; the one about overcommit comes with every start and concerns snapshots.
VALKEY_WARNING = re.compile(r" # (?!WARNING Memory overcommit)(?!.*bye bye)")


@dataclass
class Child:
    """A program that `up` keeps running. `launch` starts it; a lower `rank` starts earlier and stops later.

    Asked to stop, it has `grace_seconds` before its process group is killed, or until stopping was asked for
    `patience` times.
    """

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    log: Path
    rank: int = 2
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    patience: int = 2
    warning: re.Pattern[str] = WARNING
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    restart_at: float | None = None
    follower: Follower = field(init=False)

    def __post_init__(self) -> None:
        self.follower = Follower(self.log)

    def start(self) -> None:
        """Launch it now."""
        self.restart_at = None
        self.started_at = time.monotonic()
        self.process = self.launch()

    def ended(self) -> bool:
        """Whether it runs no longer; what it leaves of its process group is killed then."""
        if self.process is None:
            return True
        if not processes.wait_exit(self.process.pid, 0):
            return False
        processes.reap(self.process)
        return True


class Supervisor:
    """Keeps children running; `say` prints one line for people."""

    def __init__(self, signals: StopSignals, say: Callable[[str], None]) -> None:
        self._signals = signals
        self._say = say
        self.children: list[Child] = []

    def start(self, child: Child) -> None:
        """Start a child and keep it from now on."""
        self.children.append(child)
        child.start()

    def watch(self) -> None:
        """Restart what ends and relay warnings, until somebody asks to stop."""
        self._signals.raising = False
        while not self._signals.at_least(1):
            for child in self.children:
                self._keep(child)
                self._relay(child)
            self._signals.wait(RELAY_SECONDS)

    def stop(self) -> None:
        """Stop all children, the last started rank first; returns when nothing of them is left."""
        self._signals.raising = False
        for rank in sorted({child.rank for child in self.children}, reverse=True):
            running = [child for child in reversed(self.children) if child.rank == rank and child.process]
            running = [child for child in running if not child.ended()]
            if running:
                self._say(f"Stopping {', '.join(child.name for child in running)}.")
            self._stop_together(running)

    def _stop_together(self, running: list[Child]) -> None:
        for child in running:
            if child.process is not None:
                processes.signal_main(child.process, child.stop_signal)
        asked = time.monotonic()
        for child in running:
            if child.process is None:
                continue
            grace = max(0.0, asked + child.grace_seconds - time.monotonic())
            if not processes.reap(child.process, grace_seconds=grace, hurried=self._hurried(child)):
                self._say(f"{child.name} did not stop in time and was killed.")

    def _hurried(self, child: Child) -> Callable[[], bool]:
        return lambda: self._signals.at_least(child.patience)

    def _keep(self, child: Child) -> None:
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                self._restart(child)
        elif child.ended():
            if now - child.started_at > STEADY_SECONDS:
                child.pause = FIRST_PAUSE
            self._plan_restart(child, f"{child.name} ended ({_status(child.process)})")

    def _restart(self, child: Child) -> None:
        try:
            child.start()
        except (EmbeddedError, OSError) as error:
            child.process = None
            self._plan_restart(child, f"{child.name} cannot be started ({error})")

    def _plan_restart(self, child: Child, what: str) -> None:
        self._say(f"{what}; starting it again in {child.pause:g} s. Its log is {child.log}")
        child.restart_at = time.monotonic() + child.pause
        child.pause = min(LONGEST_PAUSE, child.pause * 2)

    def _relay(self, child: Child) -> None:
        lines = [line for line in child.follower.lines() if child.warning.search(line)]
        for line in lines[:RELAYED_LINES]:
            self._say(f"{child.name} | {_readable(line)}")
        if len(lines) > RELAYED_LINES:
            self._say(f"{child.name} | … and {len(lines) - RELAYED_LINES} more warnings in {child.log}")


def _status(process: subprocess.Popen[bytes] | None) -> str:
    if process is None or process.returncode is None:
        return "unknown status"
    if process.returncode < 0:
        return f"killed by {signal.Signals(-process.returncode).name}"
    return f"exit status {process.returncode}"


def _readable(line: str) -> str:
    """A JSON line of our own logging as words; any other line as it is."""
    try:
        entry = json.loads(line)
        facts = [f"{key}={value}" for key, value in entry.items() if key not in HIDDEN_FACTS]
        words = f"{entry['level']}: {entry['event']} {' '.join(facts)}".rstrip()
        cause = str(entry.get("exception", "")).strip().rpartition("\n")[2]
        return f"{words} ({cause})" if cause else words
    except (ValueError, KeyError, TypeError, AttributeError):
        return line


HIDDEN_FACTS = ("level", "event", "timestamp", "logger", "exception")
