"""The claim of one `manage.py up` on its data root: held by the kernel, so that a killed one never leaves it behind."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from zbmaint.embedded.errors import EmbeddedError


class DataLock:
    """While entered, no other process can enter a lock on the same data root; EmbeddedError says who has it."""

    def __init__(self, root: Path, url: str) -> None:
        self._root = root
        self._url = url
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Claim the data root."""
        self._descriptor = os.open(self._root / "up.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 4096)
            os.close(self._descriptor)
            raise EmbeddedError(f"zbmaint is already running on {self._root} ({_described(holder)}).") from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, json.dumps({"pid": os.getpid(), "url": self._url}).encode())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give it up; the file stays, since deleting it would let two others lock two different files."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def _described(holder: bytes) -> str:
    try:
        known = json.loads(holder)
        return f"process {known['pid']}, {known['url']}"
    except (ValueError, KeyError, TypeError):
        return "it is just starting"
