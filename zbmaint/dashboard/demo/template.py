"""A template of tickets: what such a ticket says, who ends it, and what is said on the way."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

USERS: Final = (
    *("m.sithole", "c.ndlovu", "r.mpofu", "y.banda", "h.maseko", "o.adeyemi", "v.chikwanda", "d.mokoena"),
    *("s.gumbo", "l.phiri", "a.tshuma", "e.kariuki"),
)
FIRMS: Final = (
    *("Acacia Foods", "Baobab Media", "Chobe Logistics", "Delta Textiles", "Hwange Energy", "Kariba Health"),
    *("Limpopo Motors", "Mopane Bank", "Savanna Retail", "Zambezi Tours"),
)
HOSTS: Final = ("web-1", "web-2", "web-3", "app-1", "app-2", "db-1", "db-2", "cache-1", "queue-1", "edge-1")
PATHS: Final = ("/v1/search", "/v1/projects", "/v1/invoices", "/v1/messages", "/v1/members", "/v1/uploads")
# Share of the tickets that tier 1, 2 and 3 end.
FIRST, SECOND, THIRD = (90, 8, 2), (32, 58, 10), (12, 36, 52)
# Share of critical, high, medium, low.
CALM, USUAL, GRAVE = (0, 4, 46, 50), (1, 14, 62, 23), (5, 45, 42, 8)


@dataclass(frozen=True)
class Template:
    """`titles`, `text`, `comments` and `notes` may hold {user}, {firm}, {host}, {path} and {n}.

    A variant of `codes` is how it ends, `depth` which tier ends it, `severities` how bad it is, in shares. `weight` is
    how common it is.
    """

    category: str
    titles: tuple[str, ...]
    text: str
    tags: tuple[str, ...]
    comments: tuple[str, ...]
    notes: tuple[str, ...]
    codes: tuple[str, ...] = ("fixed", "fixed", "workaround")
    depth: tuple[int, int, int] = FIRST
    severities: tuple[int, int, int, int] = USUAL
    weight: int = 4


@dataclass(frozen=True)
class Filled:
    """A template with the names of one ticket."""

    template: Template
    names: dict[str, str] = field(default_factory=dict)

    def say(self, text: str) -> str:
        """`text` with the names put in."""
        for name, value in self.names.items():
            if name in text:
                text = text.replace(name, value)
        return text


def fill(template: Template, chance: random.Random) -> Filled:
    """Draw the names."""
    draw = chance.random
    names = {
        "{user}": USERS[int(draw() * len(USERS))],
        "{firm}": FIRMS[int(draw() * len(FIRMS))],
        "{host}": HOSTS[int(draw() * len(HOSTS))],
        "{path}": PATHS[int(draw() * len(PATHS))],
        "{n}": str(1000 + int(draw() * 9000)),
    }
    return Filled(template, names)
