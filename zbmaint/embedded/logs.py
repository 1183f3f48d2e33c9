"""Log files of child processes: opened with rotation, and read again for what a person should see."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

ROTATE_BYTES = 5 * 1024 * 1024
KEPT = 3
# The most that is looked at for the end of a log, in bytes.
END_BYTES = 64 * 1024


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending, unbuffered; first rotated to `<name>.1` … when it has grown past 5 MiB.

    The child writes to the file itself, not through us: what it says while we are being killed is kept.
    """
    if path.exists() and path.stat().st_size > ROTATE_BYTES:
        for number in range(KEPT, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            newer = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
            if newer.exists():
                newer.replace(older)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    return open(descriptor, "ab", buffering=0)


def last_lines(path: Path, count: int = 15) -> str:
    """Return the last lines of a log, indented; a placeholder when there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - END_BYTES))
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (the log is empty)"


class Follower:
    """Reads what is appended to a log from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = path.stat().st_size if path.exists() else 0

    def lines(self) -> list[str]:
        """Return the complete lines since the last call."""
        try:
            size = self._path.stat().st_size
            if size < self._offset:
                self._offset = 0  # rotated
            if size == self._offset:
                return []
            with self._path.open("rb") as log:
                log.seek(self._offset)
                chunk = log.read(max(0, size - self._offset))
        except OSError:
            return []
        complete = chunk[: chunk.rfind(b"\n") + 1]
        self._offset += len(complete)
        return complete.decode(errors="replace").splitlines()
