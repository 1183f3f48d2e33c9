"""The text in which applications tell their numbers to Prometheus, and the few of them that are kept. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_LINE: Final = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*")
_LABEL: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(r"\\(.)")
# Longer lines are none of those that are wanted, and would take their time.
LONGEST_LINE: Final = 4_000

MEMORY_USED: Final = "memory_used_bytes"
MEMORY_MAX: Final = "memory_max_bytes"
MEMORY_OTHER: Final = "memory_nonheap_used_bytes"
THREADS_LIVE: Final = "threads_live"
THREADS_DAEMON: Final = "threads_daemon"
CONNECTIONS: Final = "connections"
CONNECTIONS_ACTIVE: Final = "connections_active"
CONNECTIONS_IDLE: Final = "connections_idle"
CONNECTIONS_MAX: Final = "connections_max"
CPU: Final = "cpu_ratio"
PROCESSES: Final = "processes"
REQUESTS: Final = "http_requests_total"
REQUESTS_FAILED: Final = "http_requests_failed_total"

# What is kept, with words and unit.
FIGURES: Final[Mapping[str, tuple[str, str]]] = {
    MEMORY_USED: ("Memory used", "bytes"),
    MEMORY_MAX: ("Memory it may use", "bytes"),
    MEMORY_OTHER: ("Memory used outside the heap", "bytes"),
    THREADS_LIVE: ("Threads", ""),
    THREADS_DAEMON: ("Threads, daemon", ""),
    CONNECTIONS: ("Connections in the pool", ""),
    CONNECTIONS_ACTIVE: ("Connections in use", ""),
    CONNECTIONS_IDLE: ("Connections idle", ""),
    CONNECTIONS_MAX: ("Connections it may have", ""),
    PROCESSES: ("Processes", ""),
    CPU: ("Processor, share used", ""),
    REQUESTS: ("Requests since it started", ""),
    REQUESTS_FAILED: ("Requests failed since it started", ""),
}


@dataclass(frozen=True)
class Sample:
    """One number of an application."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def read(text: str, names: tuple[str, ...] = ()) -> Iterator[Sample]:
    """The samples in `text`. Lines that are none, and values that are no finite number, are left out.

    With `names` only those are surely in it whose names begin with one of them: of a megabyte most is nobody's, and is
    passed over before anything is made of it.
    """
    for line in text.split("\n"):
        if not line or line.startswith("#") or not line.startswith(names or "") or len(line) > LONGEST_LINE:
            continue
        found = _LINE.fullmatch(line.rstrip("\r"))
        if found is None:
            continue
        try:
            value = float(found[3])
        except ValueError:
            continue
        if math.isfinite(value):
            labels = {name: _ESCAPED.sub(_plain, said) for name, said in _LABEL.findall(found[2] or "")}
            yield Sample(found[1], value, labels)


def _plain(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]


# Where each figure is taken from: the samples of a name with such labels, which are summed up.
_HEAP: Final = {"area": "heap"}
_SOURCES: Final[tuple[tuple[str, str, Mapping[str, str]], ...]] = (
    (MEMORY_USED, "jvm_memory_used_bytes", _HEAP),
    (MEMORY_MAX, "jvm_memory_max_bytes", _HEAP),
    (MEMORY_OTHER, "jvm_memory_used_bytes", {"area": "nonheap"}),
    (THREADS_LIVE, "jvm_threads_live_threads", {}),
    (THREADS_DAEMON, "jvm_threads_daemon_threads", {}),
    (CONNECTIONS, "hikaricp_connections", {}),
    (CONNECTIONS_ACTIVE, "hikaricp_connections_active", {}),
    (CONNECTIONS_IDLE, "hikaricp_connections_idle", {}),
    (CONNECTIONS_MAX, "hikaricp_connections_max", {}),
    (CPU, "process_cpu_usage", {}),
    (REQUESTS, "http_server_requests_seconds_count", {}),
    (REQUESTS_FAILED, "http_server_requests_seconds_count", {"outcome": "SERVER_ERROR"}),
)
NAMES: Final = tuple(sorted({name for _, name, _ in _SOURCES}))
_BY_NAME: Final = {name: tuple(each for each in _SOURCES if each[1] == name) for name in NAMES}


def figures(samples: Iterable[Sample]) -> dict[str, float]:
    """What is kept of them: each figure of FIGURES of which there is a sample, summed over pools and areas of memory.

    A pool of memory without a maximum says −1, and counts as none.
    """
    kept: dict[str, float] = {}
    for sample in samples:
        for figure, _, labels in _BY_NAME.get(sample.name, ()):
            if sample.value >= 0 and labels.items() <= sample.labels.items():
                kept[figure] = kept.get(figure, 0.0) + sample.value
    # None failed as long as others are counted.
    if REQUESTS in kept:
        kept.setdefault(REQUESTS_FAILED, 0.0)
    return kept
