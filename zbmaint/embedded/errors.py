"""What can go wrong with the embedded servers."""

from __future__ import annotations


class EmbeddedError(Exception):
    """An embedded server or its folder cannot be used; the message tells a person what and what to do about it."""


class AlreadyRunningError(EmbeddedError):
    """A server is alive on this data; `pid` is its process."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message)
        self.pid = pid
