"""The part of a run's page that says what became of its report at the monitoring webhook."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from maintenance.models import Run
from maintenance.notices import webhook_notice
from zbmaint.access.models import Person
from zbmaint.notifications import rules

RESEND: Final = "notifications.resend_notice"
# The mark on the page for each state, and how often the page asks again while that may change by itself.
MARKS: Final = {
    rules.QUEUED: ("queued", "every 2s"),
    rules.SENDING: ("sending", "every 2s"),
    rules.SENT: ("delivered", ""),
    rules.FAILED: ("retrying", "every 10s"),
    rules.DEAD: ("dead", ""),
    rules.CANCELLED: ("cancelled", ""),
    rules.BUNDLED: ("bundled", ""),
}


def webhook_context(run: Run, person: Person) -> dict[str, Any]:
    """What the part shows. While the run works there is nothing to read, and nothing is asked of the database."""
    notice = None if run.is_active else webhook_notice(run)
    if notice is None:
        return {"run": run, "notice": None}
    mark, asks = MARKS[notice.state]
    delay = max(dt.timedelta(0), notice.settled_at - run.finished_at) if notice.settled_at and run.finished_at else None
    may = person.has_perm(RESEND) and rules.may_follow(notice.state, rules.QUEUED)
    return {"run": run, "notice": notice, "mark": mark, "asks": asks, "delay": delay, "may_resend": may}
