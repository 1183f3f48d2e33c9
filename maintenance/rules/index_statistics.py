"""Whether "never used" can be believed. Pure."""

from __future__ import annotations

import datetime as dt

from maintenance.rules.amounts import count


def why_not_believable(since: dt.datetime | None, now: dt.datetime, *, least_days: int, is_standby: bool) -> str:
    """Why counters since `since` (None: nobody knows) do not show that an index is unused; empty when they do."""
    if is_standby:
        return "this is a standby, which does not know what its primary's queries use"
    if not least_days:
        return ""
    if since is None:
        return "the server does not say since when its statistics count"
    days = max(0, (now - since).days)
    if days < least_days:
        return f"statistics are only {count(days, 'day')} old, and {count(least_days, 'day')} are needed"
    return ""
