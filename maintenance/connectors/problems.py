"""What can be wrong with a connection, in words for people."""

from __future__ import annotations


class ConnectionProblem(Exception):
    """A system cannot be reached. The message says which part is wrong and what to do, and holds no secret.

    `part` is `reference`, `host`, `tls`, `login` (user or password), `database` or `server`.
    """

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part
