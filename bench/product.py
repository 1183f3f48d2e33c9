"""The whole product as `make run` starts it: how long until it is ready, and what it costs while nothing happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.alternate import spread
from bench.desk import environment, folder
from bench.rows import Row
from zbmaint.embedded.layout import CHECKOUT

READY = "zbmaint is ready"
START_SECONDS, STOP_SECONDS = 120.0, 60.0
START_LIMIT, LATER_STARTS = 10.0, 3
SETTLE_SECONDS, SAMPLE_SECONDS = 20.0, 30.0
CPU_LIMIT, MEMORY_AIM = 3.0, 350.0  # percent of one core; MB
TICKS = os.sysconf("SC_CLK_TCK")
# Which part of the product a process is, by a piece of its command line; the first that fits.
PARTS = {
    "postgres": "PostgreSQL",
    "valkey": "Valkey",
    "granian": "web",
    "qcluster": "cluster of the worker",
    "manage.py worker": "worker",
    "manage.py ticker": "ticker",
    "manage.py prober": "prober",
    "manage.py up": "up",
}


@dataclass
class Product:
    """A running `manage.py up` that was ready after `seconds`."""

    process: subprocess.Popen[str]
    seconds: float


def measure_start() -> list[Row]:
    """Start on a new data folder, then again on the same."""
    with folder() as path:
        with running(path / "data") as product:
            first = product.seconds
        later = []
        for _ in range(LATER_STARTS):
            with running(path / "data") as product:
                later.append(product.seconds)
    seen = spread(later)
    return [
        Row("start", "first start to ready, with initdb and migrate", first, "s", START_LIMIT),
        Row("start", "later start to ready", seen.median, "s", START_LIMIT, spread=str(seen)),
    ]


def measure_idle() -> list[Row]:
    """Leave it alone for a while, and see what it costs."""
    with folder() as path, running(path / "data") as product:
        time.sleep(SETTLE_SECONDS)
        before, began = cpu_by_part(product.process.pid), time.monotonic()
        time.sleep(SAMPLE_SECONDS)
        after, seconds = cpu_by_part(product.process.pid), time.monotonic() - began
        memory = memory_by_part(product.process.pid)
    cpu = {part: 100 * (value - before.get(part, 0.0)) / seconds for part, value in after.items()}
    numbers = {part: len(values) for part, values in memory.items()}
    size = {part: sum(values) for part, values in memory.items()}
    return [
        Row("idle", "CPU of everything, of one core", sum(cpu.values()), "%", CPU_LIMIT),
        *(Row("idle", f"  {part}", cpu[part], "%") for part in sorted(cpu, key=cpu.__getitem__, reverse=True)),
        Row("idle", f"memory (PSS) of {sum(numbers.values())} processes", sum(size.values()), "MB", MEMORY_AIM, "aim"),
        *(
            Row("idle", f"  {part}, {numbers[part]} processes", size[part], "MB")
            for part in sorted(size, key=size.__getitem__, reverse=True)
        ),
    ]


@contextmanager
def running(data: Path, **more: str) -> Iterator[Product]:
    """`manage.py up` on `data` and a free port, ready; stopped afterwards."""
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, CHECKOUT / "manage.py", "up", "--port", str(free_port())],
        cwd=CHECKOUT,
        env=environment(ZBMAINT_DATA=str(data), **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _await_ready(process)
        yield Product(process, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _await_ready(process: subprocess.Popen[str]) -> None:
    said = []
    for line in process.stdout or ():
        said.append(line)
        if line.startswith(READY):
            return
    raise SystemExit(f"manage.py up ended without being ready:\n{''.join(said)}")


def cpu_by_part(pid: int) -> dict[str, float]:
    """CPU seconds since their start of a process and all below it, with those of children that ended, by part."""
    seconds: dict[str, float] = defaultdict(float)
    for each in family(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        # utime, stime and those of the children that were waited for
        seconds[part_of(each)] += sum(map(int, fields[11:15])) / TICKS
    return dict(seconds)


def memory_by_part(pid: int) -> dict[str, list[float]]:
    """Proportional set size in MB of each process, by part."""
    sizes: dict[str, list[float]] = defaultdict(list)
    for each in family(pid):
        try:
            rows = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        sizes[part_of(each)] += [int(row.split()[1]) / 1024 for row in rows if row.startswith("Pss:")]
    return dict(sizes)


def part_of(pid: int) -> str:
    """Which part of the product a process is; its command line when it is none that is known."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return "ended"
    return next((part for piece, part in PARTS.items() if piece in command), command[:40] or "ended")


def family(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except OSError:
            continue
        found += [each for child in children for each in family(int(child))]
    return found


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
