"""How long messages wait: for who asks in a session of its own, outside of Django's connection."""

from __future__ import annotations

from typing import Final

# A message may be fetched from its `lock` on: since it was queued, or since a dead cluster's time for it ran out.
LONGEST_WAIT: Final = """
SELECT count(*) AS messages, coalesce(extract(epoch FROM now() - min(lock)), 0)::float8 AS seconds
FROM django_q_ormq
WHERE key = %(queue)s AND lock <= now()
"""
