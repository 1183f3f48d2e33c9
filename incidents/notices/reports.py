"""Who gets a report, and how: those who chose it, and those who get it unasked and have not chosen otherwise."""

from __future__ import annotations

import datetime as dt

from incidents.models import NoticeRule
from incidents.notices.audience import Reader
from incidents.notices.reaching import addresses_of, quiet_until
from incidents.rules import notifying, severities
from zbmaint.access.models import Person, may

READER = "reader"
CHOSEN = "You get it because you chose to: see how you are told, in your profile."
UNASKED = "You get it because of your role. Your profile says how you are told, and lets you choose otherwise."


def readers(event: str, at: dt.datetime, severity: str = severities.LOW) -> list[Reader]:
    """Everybody who gets the report `event` (one of `notifying.REPORTS`), once for each of their channels, by username.

    In quiet hours it waits until they end, unless it is critical. `why` says to each why they get it.
    """
    report = notifying.REPORTS[event]
    wishes = {rule.person_id: rule.wish() for rule in NoticeRule.objects.filter(event=event)}
    people = Person.objects.active().filter(may(report.permission)).select_related("notice_preferences")
    unasked = set(people.filter(may(report.unasked)).values_list("pk", flat=True)) if report.unasked else set()
    found = []
    for person in people.filter(pk__in=unasked | set(wishes)).order_by("username"):
        wish = wishes.get(person.pk)
        why = UNASKED if wish is None else CHOSEN
        wish = notifying.Wish((notifying.EMAIL,) if wish is None else wish.channels)
        has, quiet = addresses_of(person), quiet_until(person, severity, at)
        channels = notifying.channels_for(severity, wish=wish, minimum=None, has=has)
        found += [Reader(event, READER, channel, has[channel], person, quiet, why) for channel in channels]
    return found
