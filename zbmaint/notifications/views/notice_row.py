"""A notice as a row of a list says it."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from zbmaint.access.models import Person
from zbmaint.notifications import rules, topics
from zbmaint.notifications.actions.notices import STOPPABLE
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.catalog import TITLES
from zbmaint.ui.words import duration

RESEND = "notifications.resend_notice"
MARKS = {rules.SENT: "delivered", rules.FAILED: "retrying"}
ICONS = {"email": "mail", "chat": "comment", "webhook": "link"}


@dataclass(frozen=True)
class NoticeRow:
    """A notice with the words that its row says, for `reader` at `now`."""

    notice: Notice
    reader: Person
    now: dt.datetime

    @property
    def mark(self) -> str:
        """The state as pages draw it."""
        return MARKS.get(self.notice.state, self.notice.state)

    @property
    def says(self) -> str:
        """Its state in words, with what belongs to it."""
        return ", ".join(filter(None, (self.became, self.next)))

    @property
    def next(self) -> str:
        """When it is tried again; empty when that is not to be."""
        if self.notice.state != rules.FAILED:
            return ""
        left = math.ceil((self.notice.next_attempt_at - self.now).total_seconds())
        return f"again in {duration(left)}" if left > 0 else "again now"

    @property
    def became(self) -> str:
        """What became of it so far."""
        notice = self.notice
        tries = f"{notice.attempts} {'try' if notice.attempts == 1 else 'tries'}"
        if notice.state == rules.QUEUED and notice.next_attempt_at > self.now:
            return f"Queued until {notice.next_attempt_at.astimezone(dt.UTC):%H:%M} UTC"
        if notice.state == rules.FAILED:
            return f"Failed after {tries}"
        if notice.state == rules.SENT and notice.settled_at is not None:
            return f"Delivered in {duration((notice.settled_at - notice.created_at).total_seconds())}"
        if notice.state == rules.DEAD:
            return f"Dead after {tries}"
        return notice.state.capitalize()

    @property
    def text(self) -> str:
        """What it tells, without the name of what it is about, which stands before it as a link."""
        return str(self.notice).removeprefix(self.link[0]).lstrip()

    @property
    def link(self) -> tuple[str, str]:
        """Label and path of what it is about; empty when nobody knows."""
        return topics.link(self.notice.topic)

    @property
    def to(self) -> str:
        """To whom, when it is none of our people."""
        return self.notice.recipient

    @property
    def transport(self) -> str:
        """How it leaves."""
        return TITLES.get(self.notice.transport, self.notice.transport)

    @property
    def icon(self) -> str:
        """The symbol of how it leaves."""
        return ICONS.get(self.notice.transport, "send")

    @property
    def answer(self) -> str:
        """What the receiver said, or why it was not sent."""
        return self.notice.last_error or (self.notice.answer if self.notice.state == rules.SENT else "")

    @property
    def may_resend(self) -> bool:
        """Whether the reader may send it (again) now."""
        return rules.may_follow(self.notice.state, rules.QUEUED) and self.reader.has_perm(RESEND)

    @property
    def may_cancel(self) -> bool:
        """Whether the reader may stop it, or let it be when it is dead."""
        return self.notice.state in STOPPABLE and self.reader.has_perm(RESEND)
