"""Sequences that run out of numbers, by their own limit or by that of the column that they fill."""

from __future__ import annotations

from typing import Any, Final

from maintenance.rules import session_severity
from maintenance.rules.amounts import count
from maintenance.tasks.database.part import Examination, Part
from maintenance.tasks.database.survey import rows

NEARLY_USED_UP: Final = "sequence_nearly_used_up"

# `pg_sequences` is joined by name: a cast to regclass fails without USAGE on the schema.
SEQUENCES: Final = """
SELECT format('%%I.%%I', q.schemaname, q.sequencename) AS name, q.last_value, m.effective_max AS most,
       m.effective_max < q.max_value AS limited_by_column, q.data_type::text AS kind,
       has_sequence_privilege(s.oid, 'SELECT, USAGE') AS readable,
       CASE WHEN t.oid IS NOT NULL THEN format('%%I.%%I', tn.nspname, t.relname) END AS table,
       quote_ident(a.attname) AS column,
       format_type(a.atttypid, NULL) AS column_kind
FROM pg_sequences q
JOIN pg_namespace n ON n.nspname = q.schemaname
JOIN pg_class s ON s.relnamespace = n.oid AND s.relname = q.sequencename AND s.relkind = 'S'
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass
                      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
LEFT JOIN pg_class t ON t.oid = a.attrelid
LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
CROSS JOIN LATERAL (SELECT least(q.max_value, CASE a.atttypid WHEN 'int2'::regtype THEN 32767
                                              WHEN 'int4'::regtype THEN 2147483647 ELSE q.max_value END)
                    AS effective_max) m
WHERE NOT q.cycle AND q.increment_by > 0 AND s.relpersistence <> 't'
ORDER BY name
"""


def look(examination: Examination) -> str:
    """Compare the last value of each with the greatest that it can have."""
    found = rows(examination.session, SEQUENCES)
    unreadable = sum(not row["readable"] for row in found)
    if unreadable:
        examination.not_measured(
            count(unreadable, "sequence"),
            f"role {examination.server.user} may not read them; GRANT SELECT ON ALL SEQUENCES IN SCHEMA … lets it",
        )
    for row in found:
        if row["last_value"] is not None:
            _judge(examination, row)
    return count(len(found), "sequence")


def _judge(examination: Examination, row: dict[str, Any]) -> None:
    share = row["last_value"] / row["most"]
    severity = session_severity.of_sequence(share)
    if severity is None:
        return
    left = row["most"] - row["last_value"]
    filled = f" It fills {row['table']}.{row['column']} ({row['column_kind']})." if row["column"] else ""
    examination.find(
        NEARLY_USED_UP,
        row["name"],
        f"Sequence {row['name']} has used {int(share * 100)} % of its numbers",
        severity,
        detail=f"At {row['last_value']:,} of {row['most']:,}; {count(left, 'number')} left, then inserts fail.{filled}",
        fix=_fix(row),
    )


def _fix(row: dict[str, Any]) -> str:
    lines = []
    if row["limited_by_column"] or row["column_kind"] in ("integer", "smallint"):
        lines.append("-- rewrites the table under an exclusive lock; for a large one, add a bigint column and swap:")
        lines.append(f"ALTER TABLE {row['table']} ALTER COLUMN {row['column']} TYPE bigint;")
    if row["kind"] != "bigint":
        lines.append(f"ALTER SEQUENCE {row['name']} AS bigint;")
    elif not row["limited_by_column"]:
        lines.append(f"ALTER SEQUENCE {row['name']} NO MAXVALUE;")
    return "\n".join(lines)


PARTS: Final = (Part("sequences", "Sequences", frozenset({NEARLY_USED_UP}), look),)
