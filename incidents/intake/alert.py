"""Alert: what a source tells us about one thing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from incidents.rules import severities

Status = Literal["firing", "resolved"]


@dataclass(frozen=True)
class Reference:
    """What an alert is about, for a link on its ticket: the kind of thing (`run`), its id there, its name, its page.

    `url` is a path of ours or an http(s) address; empty when it has no page.
    """

    kind: str
    id: str
    label: str
    url: str = ""

    def __post_init__(self) -> None:
        # A link that runs a script would run it as whoever reads the ticket.
        ours = self.url.startswith("/") and not self.url.startswith("//")
        if self.url and not ours and not self.url.startswith(("https://", "http://")):
            raise ValueError(f"A link must be a path or begin with http:// or https://, not {self.url!r}.")


@dataclass(frozen=True)
class Alert:
    """One thing is wrong (`firing`) or right again (`resolved`).

    `key` names the thing within its `source`: alerts of one key meet in one ticket. `title` is one line,
    `description` says what happened and what to do; neither holds a secret. `severity` is critical, high, medium or
    low. `occurred_at` is aware. `category` is the key
    of one, if its source knows it, `tier` where its ticket begins, if not where those of its category do. Raises
    ValueError for what no ticket could be made of.
    """

    key: str
    title: str
    severity: str
    status: Status
    source: str
    occurred_at: dt.datetime
    description: str = ""
    reporter: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    references: tuple[Reference, ...] = ()
    tier: int | None = None

    def __post_init__(self) -> None:
        for name in ("key", "title", "source"):
            if not getattr(self, name).strip():
                raise ValueError(f"An alert needs a {name}.")
        if self.severity not in severities.WORST_FIRST:
            known = ", ".join(severities.WORST_FIRST)
            raise ValueError(f"An alert's severity is one of {known}, not {self.severity!r}.")
        if self.status not in ("firing", "resolved"):
            raise ValueError(f"An alert is firing or resolved, not {self.status!r}.")
        if self.occurred_at.tzinfo is None:
            raise ValueError("An alert's time needs its time zone.")

    @property
    def is_firing(self) -> bool:
        """Whether something is wrong."""
        return self.status == "firing"
