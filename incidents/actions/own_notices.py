"""What people decide about how they are told, and a test whether it reaches them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from incidents.actions.desk import differing
from incidents.actions.refusals import DeskRefused
from incidents.models import NoticePreferences, NoticeRule
from incidents.rules import notifying
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.notifications import outbox, rules
from zbmaint.notifications.models import Notice

NOWHERE = "There is nowhere to send it: give your e-mail address in your profile, or a chat here."
HALF = "Say both when it begins and when it ends, or leave both empty."


@dataclass(frozen=True)
class Preferences:
    """The name of the variable with the address of their chat, and their quiet hours, in their time zone."""

    chat: str = ""
    quiet_from: dt.time | None = None
    quiet_until: dt.time | None = None


@transaction.atomic
def change(person: Person, preferences: Preferences, wishes: Mapping[str, notifying.Wish]) -> None:
    """Write how `person` is told, of each event in `wishes`. Raises DeskRefused at the field that is wrong."""
    if preferences.chat and (problem := notifying.why_not_chat(preferences.chat)):
        raise DeskRefused(problem, "chat")
    if (preferences.quiet_from is None) != (preferences.quiet_until is None):
        raise DeskRefused(HALF, "quiet_until" if preferences.quiet_until is None else "quiet_from")
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    row = NoticePreferences.objects.filter(person=person).first() or NoticePreferences(person=person)
    before, after = differing(row, asdict(preferences))
    row.save()
    known = {rule.event: rule for rule in NoticeRule.objects.filter(person=person)}
    for event, wish in wishes.items():
        usual = notifying.usual_channels(event, person.has_perm)
        rule = known.get(event) or NoticeRule(person=person, event=event, channels=list(usual))
        was, now = differing(rule, {"channels": list(wish.channels), "least": wish.least})
        if now:
            rule.save()
            before[event], after[event] = was, now
    if after:
        record("own_notices_changed", person, person, before=_plain(before), after=_plain(after))


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, dt.time) else value for name, value in values.items()}


@transaction.atomic
def send_test(person: Person) -> list[Notice]:
    """A test by every channel that `person` has, before everything else. Raises DeskRefused without any."""
    chat = NoticePreferences.objects.filter(person=person).values_list("chat", flat=True).first()
    ways = {notifying.EMAIL: f"person:{person.pk}" if person.email else "", notifying.CHAT: chat or ""}
    if not any(ways.values()):
        raise DeskRefused(NOWHERE)
    messages = [
        outbox.Message(
            kind="test",
            event=f"test:{uuid.uuid4()}",
            topic=f"test:{person.pk}",
            subject="A test of your notices",
            transport=channel,
            recipient=recipient,
            payload={
                "text": "It has reached you: whatever calls for you comes this way.",
                "url": reverse("own_notices"),
                "because": "You are told because you asked for it.",
            },
            occurred_at=timezone.now(),
            person_id=person.pk,
            priority=rules.TEST,
        )
        for channel, recipient in ways.items()
        if recipient
    ]
    return outbox.post_all(messages)
