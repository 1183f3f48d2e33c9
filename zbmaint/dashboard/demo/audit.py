"""What people and the product did, as audit entries of their time. Each says that it is demo data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.dashboard.demo.copying import Row, Sheet, as_json, sheet

FIELDS = (
    *("at", "actor", "actor_name", "address", "verb", "target_kind", "target_id", "target_label", "before", "after"),
)
MOST_KEPT = 100_000
ADDRESS = "192.0.2.17"  # of a network that is kept for examples


@dataclass(frozen=True)
class Deed:
    """Who (None: the product itself) did `verb` to what, and when."""

    at: dt.datetime
    actor: Person | None
    verb: str
    kind: str
    number: int | str
    label: str
    facts: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] | None = None


class Book:
    """Entries on their way into the record. As many as fit are kept until the end, so that they come in order."""

    def __init__(self) -> None:
        self._kept: list[Deed] = []

    def add(self, deeds: Iterable[Deed]) -> None:
        """Take them."""
        self._kept += deeds

    @property
    def is_full(self) -> bool:
        """Whether more are kept than fit."""
        return len(self._kept) > MOST_KEPT

    def take(self) -> Sheet:
        """What was kept, to be copied in."""
        taken, self._kept = self._kept, []
        return sheet(AuditEntry, FIELDS, _rows(taken))


def _rows(deeds: Iterable[Deed]) -> Iterator[Row]:
    for deed in sorted(deeds, key=lambda deed: deed.at):
        yield (
            deed.at,
            deed.actor.pk if deed.actor else None,
            deed.actor.username if deed.actor else "zbmaint",
            ADDRESS if deed.actor else None,
            *(deed.verb, deed.kind, str(deed.number), deed.label[:200]),
            as_json(deed.before) if deed.before is not None else None,
            as_json({**deed.facts, "demo": True}),
        )
