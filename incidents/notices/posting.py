"""Telling people of a change, in its transaction, and stopping what they need not be told any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from incidents.models import Entry
from incidents.notices import words
from incidents.notices.audience import Audience, Reader
from incidents.notices.directory import Directory
from incidents.notices.news import News, topic
from incidents.rules import notifying, severities
from zbmaint.notifications import outbox, rules
from zbmaint.notifications.outbox import Message
from zbmaint.notifications.transports import catalog

CRITICAL: Final = "incident.critical"
STILL_WANTED: Final = "ticket.waits"
CALLING: Final = frozenset(f"ticket.{event}" for event in notifying.CALLS)


def announce(told: Sequence[News]) -> list[list[Entry]]:
    """Tell whom the changes concern.

    Returns what the timeline of each gets for it: that nobody could be told, the alert.
    """
    directory = Directory(news.ticket for news in told)
    messages: list[Message] = []
    lines = []
    for news in told:
        if news.taken_up:
            who = str(news.actor or news.ticket.source or "zbmaint")
            outbox.cancel(topic=news.topic, kinds=CALLING, why=f"{who} has taken it up, ended it or handed it on.")
        entries = _monitoring(news, raised=news.alert) if news.alert is not None else []
        if news.events:
            audience = Audience(news, directory)
            messages += [_message(news, reader) for reader in audience.readers]
            entries += _nobody(news, audience)
        lines.append(entries)
    outbox.post_all(messages)
    return lines


def _message(news: News, reader: Reader) -> Message:
    ticket = news.ticket
    # What informs is not what calls: that somebody has begun stops the one and not the other.
    calls = reader.event in notifying.CALLS and reader.role != notifying.STAKEHOLDER
    return Message(
        kind=f"{'ticket' if calls or reader.event not in notifying.CALLS else 'stakeholder'}.{reader.event}",
        event=f"{topic(ticket.number)}:{ticket.version}:{reader.event}",
        topic=topic(ticket.number),
        subject=words.subject(news, reader.event),
        transport=reader.channel,
        recipient=reader.address,
        payload=words.payload(news, reader),
        occurred_at=news.at,
        person_id=reader.person.pk if reader.person else None,
        still_wanted=STILL_WANTED if calls else "",
        priority=_priority(ticket.severity, reader.event),
        not_before=reader.not_before,
    )


def _priority(severity: str, event: str) -> int:
    if event not in notifying.CALLS:
        return rules.LATER
    return rules.CRITICAL if severity == severities.CRITICAL else rules.SOON


def _nobody(news: News, audience: Audience) -> list[Entry]:
    """A red line when it called for somebody, and nobody is told or nothing can be sent."""
    if audience.is_nobody:
        said = f"nobody was notified: {notifying.why_nobody(audience.missing)}"
        return [_entry(news, Entry.Kind.UNNOTIFIED, said)]
    if audience.event not in notifying.CALLS or not audience.readers:
        return []
    lacks = {channel: catalog.lacks(channel) for channel in {reader.channel for reader in audience.readers}}
    if not all(lacks.values()):
        return []
    waits = f"{len(audience.readers)} notice{'s wait' if len(audience.readers) > 1 else ' waits'}"
    said = f"nobody was notified yet, {waits}: {' '.join(sorted(lacks.values())).rstrip('.')}"
    return [_entry(news, Entry.Kind.UNNOTIFIED, said)]


def _monitoring(news: News, *, raised: bool) -> list[Entry]:
    """The alert of a critical ticket at the monitoring webhook; no line where there is none."""
    ticket = news.ticket
    state = "raised" if raised else "cleared"
    notice = outbox.post_to_webhook(
        CRITICAL,
        event=f"{news.topic}:{ticket.version}:{state}",
        topic=news.topic,
        payload={
            "state": state,
            "ticket": str(ticket),
            "id": ticket.pk,
            "title": ticket.title,
            "severity": ticket.severity,
            "status": ticket.status,
            "tier": ticket.tier_id,
            "assignee": str(ticket.assignee) if ticket.assignee else None,
            "reporter": ticket.reporter,
            "url": outbox.address(ticket.get_absolute_url()),
        },
        occurred_at=news.at,
    )
    return [] if notice is None else [_entry(news, Entry.Kind.NOTIFIED, f"{state} the monitoring alert")]


def _entry(news: News, kind: Entry.Kind, said: str) -> Entry:
    return Entry(ticket=news.ticket, kind=kind, text=said, at=news.at, data={})
