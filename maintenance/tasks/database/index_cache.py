"""Index cache hit ratios: the ten lowest, as the specification has them, with what they do not mean."""

from __future__ import annotations

from typing import Final

from maintenance.tasks.database.index_record import IndexRecord
from maintenance.tasks.database.part import Examination, Part
from maintenance.tasks.database.survey import rows

NOTE: Final = (
    "A low ratio says that blocks of the index were read from outside PostgreSQL's buffers. Small, new and rarely used "
    "indexes have one too. It does not say that an index is fragmented: that is measured as bloat."
)

LOWEST: Final = """
SELECT format('%%I.%%I', schemaname, indexrelname) AS index, format('%%I.%%I', schemaname, relname) AS table,
       idx_blks_hit AS blocks_hit, idx_blks_read AS blocks_read,
       round(idx_blks_hit::numeric / (idx_blks_hit + idx_blks_read), 4)::float8 AS hit_ratio
FROM pg_statio_user_indexes WHERE idx_blks_hit + idx_blks_read > 0
ORDER BY hit_ratio, idx_blks_read DESC, 1 LIMIT 10
"""


def cache_part(record: IndexRecord) -> Part:
    """The part; it finds nothing, because no ratio is wrong by itself."""

    def look(examination: Examination) -> str:
        found = rows(examination.session, LOWEST)
        record.state("lowest_hit_ratio", found, hit_ratio_note=NOTE)
        for row in found:
            examination.context.log(
                f"{row['index']}: {row['hit_ratio']:.1%} of its blocks came from the buffers "
                f"({row['blocks_hit']:,} hit, {row['blocks_read']:,} read)"
            )
        if not found:
            return "no index was read since the statistics began"
        examination.context.log(NOTE)
        return f"lowest: {found[0]['hit_ratio']:.1%}, {found[0]['index']}; not a measure of fragmentation"

    return Part("index_cache", "Index cache hit ratios", frozenset(), look)
