"""Unused indexes: never scanned since the statistics began, when that is long enough ago to mean something."""

from __future__ import annotations

import datetime as dt
from typing import Final

from maintenance.rules.amounts import count, moment, size
from maintenance.rules.index_statistics import why_not_believable
from maintenance.tasks.database.index_duplicate import drop_fix
from maintenance.tasks.database.index_record import IndexRecord
from maintenance.tasks.database.index_survey import Index
from maintenance.tasks.database.part import Examination, NotMeasured, Part
from maintenance.tasks.database.survey import one

UNUSED: Final = "index_unused"

# From PostgreSQL 15 on a database that nobody ever reset has no time of its own. Then its counters began with the
# server's, which a crash resets.
SINCE: Final = """
SELECT coalesce((SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()),
                (SELECT stats_reset FROM pg_stat_bgwriter)) AS since
"""


def unused_part(record: IndexRecord, least_days: int) -> Part:
    """The part. `least_days` 0 believes statistics of any age."""

    def look(examination: Examination) -> str:
        session, server = examination.session, examination.server
        if not server.counts_rows:
            raise NotMeasured("track_counts is switched off on the server, so nobody counts")
        since: dt.datetime | None = one(session, SINCE)["since"]
        why = why_not_believable(since, server.now, least_days=least_days, is_standby=server.is_standby)
        if why:
            raise NotMeasured(why)
        indexes = record.indexes(session)
        for table in indexes.left_out:
            examination.not_measured(f"indexes of {table}", "the table is locked against everybody")
        # What is kept for something works even when it is never scanned.
        found = [index for index in indexes.all if not index.scans and index.valid and _may_go(index)]
        found.sort(key=lambda index: (-index.bytes, index.name))
        began = moment(since.isoformat()) if since else "an unknown time"
        record.state("unused", [_row(index) for index in found], statistics_since=since.isoformat() if since else None)
        blind = _replicas(server.standbys)
        for index in found:
            _find(examination, index, began, blind)
        if blind:
            examination.context.log(f"Unused indexes: {blind}")
        return count(len(found), "unused index", "unused indexes") + f" since {began}" + (f"; {blind}" if blind else "")

    return Part("index_unused", "Unused indexes", frozenset({UNUSED}), look)


def _may_go(index: Index) -> bool:
    return not index.kept_for and not index.partition and not index.partitioned


def _replicas(standbys: int) -> str:
    if not standbys:
        return ""
    return f"{count(standbys, 'standby', 'standbys')} not checked, whose queries may use what is unused here"


def _find(examination: Examination, index: Index, began: str, blind: str) -> None:
    detail = (
        f"No scan has used it since {began}, when the statistics began; it takes {size(index.bytes)}. "
        "PostgreSQL does not record when an index was made: a new one may just not have had its day."
    )
    detail += f" {blind[:1].upper()}{blind[1:]}." if blind else ""
    examination.find(UNUSED, index.name, f"{index.name} is never used", "low", detail=detail, fix=drop_fix(index))


def _row(index: Index) -> dict[str, object]:
    return {"index": index.name, "table": index.table, "bytes": index.bytes}
