"""The picture of what stood around a run that failed, as its page shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zbmaint.ui import words


@dataclass(frozen=True)
class SessionRow:
    """One session on the target. `waits` says for whom or for what; empty when it works."""

    pid: int
    who: str
    state: str
    seconds: float | None
    waits: str
    query: str
    blocks: bool


@dataclass(frozen=True)
class Snapshot:
    """`facts` are label and value; `problems` what could not be read; `sessions` of `sessions_in_all` are shown."""

    taken_at: dt.datetime | None
    facts: list[tuple[str, str]]
    problems: list[str]
    sessions: list[SessionRow]
    sessions_in_all: int


def snapshot_of(given: Any) -> Snapshot | None:
    """Read the snapshot of a run; None when it has none."""
    if not isinstance(given, Mapping) or not given:
        return None
    target, host, queue = (_part(given, name) for name in ("target", "host", "queue"))
    problems = [
        f"{name.capitalize()}: {part['problem']}"
        for name, part in (("target", target), ("machine", host), ("queue", queue))
        if part.get("problem")
    ]
    sessions = target.get("sessions") or []
    blockers = set(target.get("blockers") or [])
    return Snapshot(
        taken_at=_time(given.get("taken_at")),
        facts=[*_target_facts(target), *_host_facts(host), *_queue_facts(queue)],
        problems=problems,
        sessions=[_session(row, blockers) for row in sessions],
        sessions_in_all=int(target.get("sessions_in_all") or len(sessions)),
    )


def _time(given: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(given))
    except ValueError:
        return None


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = given.get(name)
    return part if isinstance(part, Mapping) else {}


def _target_facts(target: Mapping[str, Any]) -> list[tuple[str, str]]:
    server = _part(target, "server")
    if not server:
        return []
    facts = [
        ("Server", f"PostgreSQL {server.get('server_version')}, up {words.duration(server.get('up_seconds') or 0)}"),
        ("Connections", f"{server.get('used_connections')} of {server.get('usable_connections')}"),
    ]
    if server.get("prepared_transactions"):
        facts.append(("Prepared transactions", f"{server['prepared_transactions']}"))
    return facts


def _host_facts(host: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "load" not in host:
        return []
    load = ", ".join(f"{value:g}" for value in host["load"])
    facts = [
        ("Load of the worker's machine", f"{load} on {host.get('processors')} processors"),
        (
            "Disk free there",
            f"{words.size(host.get('disk_free_bytes') or 0)} of {words.size(host.get('disk_bytes') or 0)}",
        ),
    ]
    if host.get("memory_available_bytes") is not None:
        facts.append(("Memory available", words.size(host["memory_available_bytes"])))
    return facts


def _queue_facts(queue: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "waiting" not in queue:
        return []
    waiting = ", ".join(f"{count} {name}" for name, count in queue["waiting"].items() if count)
    others = queue.get("other_runs") or []
    facts = [("Our queues", waiting or "empty"), ("Workers alive", str(queue.get("workers", "–")))]
    if others:
        facts.append(("Other runs", ", ".join(f"run {other['run']} on {other['target'] or '–'}" for other in others)))
    return facts


def _session(row: Mapping[str, Any], blockers: set[int]) -> SessionRow:
    blocked = ", ".join(f"pid {pid}" for pid in row.get("blocked_by") or [])
    return SessionRow(
        pid=int(row.get("pid") or 0),
        who=", ".join(str(part) for part in (row.get("user"), row.get("application")) if part),
        state=str(row.get("state") or "not visible"),
        seconds=row.get("transaction_seconds"),
        waits=f"for {blocked}" if blocked else str(row.get("waits_for") or ""),
        query=str(row.get("query") or ""),
        blocks=row.get("pid") in blockers,
    )
