"""What this process and those that it started take of the machine, as Linux says it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
# Where the two numbers stand in /proc/<pid>/stat, counted behind the name of the program.
_THREADS, _RESIDENT = 17, 21


@dataclass(frozen=True)
class Footprint:
    """Resident memory in bytes and the number of threads, of a process with all its descendants."""

    memory_bytes: int
    threads: int


def footprint() -> Footprint | None:
    """The footprint of this process; None on a system that has no /proc."""
    found = [each for pid in _family(os.getpid()) if (each := _of(pid)) is not None]
    if not found:
        return None
    return Footprint(sum(each.memory_bytes for each in found), sum(each.threads for each in found))


def _of(pid: int) -> Footprint | None:
    try:
        # The name of the program stands in brackets and may hold anything.
        facts = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return Footprint(int(facts[_RESIDENT]) * _PAGE, int(facts[_THREADS]))
    except (OSError, IndexError, ValueError):
        # It has ended meanwhile.
        return None


def _family(pid: int) -> list[int]:
    """The process and its descendants; a kernel that does not tell children leaves them out."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        for thread in (_PROC / str(found[-1]) / "task").glob("*/children"):
            try:
                waiting += map(int, thread.read_text().split())
            except (OSError, ValueError):
                continue
    return found
