"""What a notice about a ticket says."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from incidents.models import Entry
from incidents.notices.audience import LEAD, Reader
from incidents.notices.news import News
from incidents.rules import notifying
from zbmaint.ui.words import moment

LONGEST_BODY = 2000
MANY = {
    notifying.OPENED: "new tickets",
    notifying.ESCALATED: "tickets handed on",
    notifying.RAISED: "tickets that became worse",
    notifying.RESOLVED: "tickets resolved",
    notifying.BREACHED: "missed targets",
    notifying.ASSIGNED: "tickets assigned",
    notifying.AT_RISK: "targets at risk",
    notifying.STATUS: "changes of status",
    notifying.CLEARED: "tickets whose sources are clear again",
}
BECAUSE = {
    notifying.ASSIGNEE: "You are told because you have it.",
    notifying.WATCHER: "You are told because you watch it.",
    notifying.EARLIER: "You are told because you had it.",
}
BEGUN_BY_MAIL = "Acknowledge it"


def subject(news: News, event: str) -> str:
    """The subject; that of a new ticket is the specification's."""
    ticket = news.ticket
    if event == notifying.OPENED:
        return f"New {ticket.severity} incident: {ticket.title}"
    says = {
        notifying.ESCALATED: f"is with {ticket.tier} now",
        notifying.RAISED: f"is {ticket.severity} now",
        notifying.RESOLVED: "is resolved",
        notifying.BREACHED: "missed its target",
        notifying.ASSIGNED: f"is {ticket.assignee}’s now",
        notifying.AT_RISK: "is at risk",
        notifying.STATUS: f"is {ticket.get_status_display().lower()}",
        notifying.CLEARED: "is clear again at its source",
    }[event]
    return f"{ticket} {says}: {ticket.title}"


def payload(news: News, reader: Reader) -> dict[str, Any]:
    """What the transports write; see `zbmaint.notifications.transports.letter`."""
    ticket = news.ticket
    last = {entry.data["clock"]: entry for entry in news.entries if entry.kind == Entry.Kind.CLOCK}
    told = [entry for entry in news.entries if entry.kind != Entry.Kind.CLOCK or entry in last.values()]
    sentences = [sentence for entry in told if (sentence := _sentence(news, entry))]
    says: dict[str, Any] = {
        "text": sentences[0] if sentences else "",
        "lines": sentences[1:],
        "facts": _facts(news, reader.event),
        "body": _body(news, reader.event)[:LONGEST_BODY],
        "because": _because(news, reader),
        "url": ticket.get_absolute_url(),
        "many": MANY[reader.event],
        "many_url": reverse("queue"),
    }
    calls = reader.event in notifying.CALLS and ticket.accepted_at is None
    if calls and reader.person is not None and news.stint is not None:
        claims = {"ticket": ticket.number, "stint": news.stint, "person": reader.person.pk}
        path = reverse("ticket_acknowledge", args=["-"]).removesuffix("-/")
        says["link"] = {"path": path, "says": claims, "text": BEGUN_BY_MAIL}
    return says


def _facts(news: News, event: str) -> list[list[str]]:
    ticket = news.ticket
    facts = [
        ["Incident ID", str(ticket)],
        ["Severity", ticket.get_severity_display()],
        ["Status", ticket.get_status_display()],
        ["Tier", str(ticket.tier)],
        ["Assignee", str(ticket.assignee or "Nobody")],
        ["Reported by", ticket.reporter],
    ]
    change = next((line.changed["status"] for line in news.told if "status" in line.changed), None)
    if event in (notifying.STATUS, notifying.RESOLVED) and change is not None:
        by = str(news.actor or ticket.source or "zbmaint")
        facts[2:3] = [["Status", f"from {_status(change[0])} to {_status(change[1])}, by {by}"]]
    if ticket.due_at is not None:
        facts.append([f"{ticket.get_due_clock_display()} due", moment(ticket.due_at)])
    return facts


def _status(value: object) -> str:
    return str(value).replace("_", " ")


def _sentence(news: News, entry: Entry) -> str:
    if entry.kind in (Entry.Kind.COMMENT, Entry.Kind.NOTIFIED, Entry.Kind.UNNOTIFIED):
        return ""
    if entry.kind == Entry.Kind.CLOCK:
        return f"{entry.text[:1].upper()}{entry.text[1:]}."
    if entry.kind in (Entry.Kind.OPENED, Entry.Kind.REPEATED, Entry.Kind.CLEARED) and entry.actor is None:
        return f"{news.ticket.source or 'zbmaint'}: {entry.text}"
    return f"{entry.actor or 'zbmaint'} {entry.text}."


def _body(news: News, event: str) -> str:
    """What somebody wrote: the description of a new ticket, why one was handed on, how one ended."""
    if event in (notifying.OPENED, notifying.RAISED, notifying.ASSIGNED):
        return news.ticket.description
    written = (entry.data.get("reason") or entry.data.get("note") for entry in news.entries)
    return next((str(text) for text in written if text), "")


def _because(news: News, reader: Reader) -> str:
    ticket = news.ticket
    if reader.role == LEAD:
        return f"You are told because nobody else could be: {reader.why}."
    if reader.role == notifying.ON_CALL:
        return f"You are told because you are on call for {str(ticket.tier).lower()}."
    if reader.role == notifying.STAKEHOLDER:
        return f"This address is told of {ticket.severity} tickets of {str(ticket.tier).lower()}."
    return BECAUSE[reader.role]
