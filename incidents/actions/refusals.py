"""What the actions on tickets say when they do not do what was asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


class TicketRefused(Exception):
    """It cannot be done. The message is for people; `field` names what it is about, if any."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Clash:
    """A field that somebody else has changed meanwhile: its name, what it was, what it is, who did that and when."""

    field: str
    before: object
    now: object
    by: str
    at: dt.datetime


class Conflict(Exception):
    """Somebody else has changed the ticket since it was read. Nothing was written."""

    def __init__(self, clashes: list[Clash], version: int) -> None:
        super().__init__("Somebody else has changed this ticket meanwhile.")
        self.clashes = clashes
        self.version = version


class DeskRefused(Exception):
    """The desk cannot be set up like that. The message is for people; `field` names what is wrong, if any."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
