"""SQL for migrations: lets the database note which moments are stale after a statement.

A moment is noted by the quarter of an hour in which it lies: the days of every time zone begin with one.
"""

from __future__ import annotations

from collections.abc import Sequence

_NOTE = """INSERT INTO rollup_stale (kind, at)
    SELECT DISTINCT '{kind}', date_bin('15 minutes', moment.at, '2000-01-01 00:00+00') FROM ({moments}) AS moment (at)
    WHERE moment.at IS NOT NULL;"""
_CHANGED = "FROM before AS b JOIN after AS a ON a.id = b.id WHERE {before} IS DISTINCT FROM {after}"
_INSERTED = "SELECT each.at FROM after AS a, LATERAL (VALUES {moments}) AS each (at)"
_UPDATED = "SELECT each.at FROM (SELECT {named} {changed}) AS c, LATERAL (VALUES {values}) AS each (at)"
_CREATE = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {inserted}
    ELSE
        {updated}
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER {name}_inserted AFTER INSERT ON {table} REFERENCING NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE TRIGGER {name}_updated AFTER UPDATE ON {table} REFERENCING OLD TABLE AS before NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
_DROP = """
DROP TRIGGER {name}_inserted ON {table};
DROP TRIGGER {name}_updated ON {table};
DROP FUNCTION {name}();
"""


def create(kind: str, table: str, moments: Sequence[str], watched: Sequence[str] = (), more: str = "") -> str:
    """Triggers on `table` that note, for `kind`, the columns `moments` of every row that is inserted, and before and
    after of every row of which they or a `watched` column are changed.

    `more` is a query that yields further moments of the rows of `changed` (ids). Deleting notes nothing: only what is
    too old is deleted, and its days stay as they were rolled.
    """
    columns = (*moments, *watched)
    before, after = (f"({', '.join(f'{row}.{column}' for column in columns)})" for row in ("b", "a"))
    changed = _CHANGED.format(before=before, after=after)
    inserted = _INSERTED.format(moments=", ".join(f"(a.{column})" for column in moments))
    both = [(f"{row}.{column} AS {row}_{column}", f"(c.{row}_{column})") for row in ("a", "b") for column in moments]
    named, values = (", ".join(part) for part in zip(*both, strict=True))
    updated = _UPDATED.format(named=named, changed=changed, values=values)
    if more:
        updated += f" UNION ALL {more.format(changed=f'(SELECT a.id {changed})')}"
    return _CREATE.format(
        name=name_of(kind, table),
        table=table,
        inserted=_NOTE.format(kind=kind, moments=inserted),
        updated=_NOTE.format(kind=kind, moments=updated),
    )


def drop(kind: str, table: str) -> str:
    """The way back."""
    return _DROP.format(name=name_of(kind, table), table=table)


def name_of(kind: str, table: str) -> str:
    """What the function and the triggers are called."""
    return f"{table}_stale_{kind}"
