"""Putting the counts of the queue together."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

# One statement: what is taken out comes back as its sums in the same snapshot, so that no reader sees a wrong one.
FOLD = """
WITH taken AS (DELETE FROM incidents_queuecount RETURNING tier_id, assignee_id, number, changes)
INSERT INTO incidents_queuecount (tier_id, assignee_id, number, changes)
SELECT tier_id, assignee_id, sum(number), 0 FROM taken GROUP BY tier_id, assignee_id HAVING sum(number) <> 0
UNION ALL
SELECT min(tier_id), NULL, 0, sum(changes) FROM taken
"""
ENOUGH = 100


def fold(_now: dt.datetime) -> int:
    """Replace the rows by their sums when many can be; one ticker at a time does. Returns how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) - count(DISTINCT (tier_id, assignee_id)) FROM incidents_queuecount")
        rows, more = cursor.fetchone()
        if more >= ENOUGH:
            cursor.execute(FOLD)
    return int(rows)
