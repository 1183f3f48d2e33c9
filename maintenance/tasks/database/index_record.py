"""The record: what is known of the indexes, as it stands in the run's report under `indexes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from maintenance.connectors.postgres import Session
from maintenance.task import Context
from maintenance.tasks.database.index_survey import Indexes, read_indexes

KEYS: Final = ("lowest_hit_ratio", "invalid", "unused", "duplicate", "bloated", "reindexed")


class IndexRecord:
    """Rows by the report's keys; null for what was not looked at, `[]` where there is nothing.

    `waiting` names the indexes for which there was no time, so that the next run begins with them.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._values: dict[str, Any] = dict.fromkeys(KEYS) | {"waiting": []}
        self._indexes: Indexes | None = None
        context.report(indexes=dict(self._values))

    def indexes(self, session: Session) -> Indexes:
        """The indexes as they were at the first call: the parts speak of the same ones."""
        if self._indexes is None:
            self._indexes = read_indexes(session)
        return self._indexes

    def state(self, key: str, found: Sequence[Mapping[str, Any]], **more: Any) -> None:
        """Put rows, and what else is to be said, into the report."""
        self._values[key] = [dict(row) for row in found]
        self._values |= more
        self._write()

    def wait(self, name: str) -> None:
        """Note that there was no time for an index."""
        if name not in self._values["waiting"]:
            self._values["waiting"] = [*self._values["waiting"], name]
            self._write()

    def _write(self) -> None:
        self._context.report(indexes=dict(self._values))


def waited(report: Mapping[str, Any]) -> frozenset[str]:
    """The indexes for which an earlier run, by its report, had no time."""
    indexes = report.get("indexes")
    names = indexes.get("waiting") if isinstance(indexes, Mapping) else None
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
