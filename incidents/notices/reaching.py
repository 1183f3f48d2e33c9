"""How a person can be reached: their preferences, and where each of their channels leads."""

from __future__ import annotations

import datetime as dt

from incidents.models import NoticePreferences
from incidents.rules import notifying
from zbmaint.access.models import Person


def preferences_of(person: Person) -> NoticePreferences:
    """Theirs, or none set."""
    return getattr(person, "notice_preferences", None) or NoticePreferences(person=person)


def addresses_of(person: Person) -> dict[str, str]:
    """By channel where a person can be told, as the transport knows it."""
    chat = preferences_of(person).chat
    return ({notifying.EMAIL: f"person:{person.pk}"} if person.email else {}) | ({notifying.CHAT: chat} if chat else {})


def quiet_until(person: Person, severity: str, at: dt.datetime) -> dt.datetime | None:
    """When the quiet hours of a person end in which `at` lies; None outside of them, and for what is critical."""
    preferences = preferences_of(person)
    return notifying.quiet_until(
        at, zone=person.time_zone, begins=preferences.quiet_from, ends=preferences.quiet_until, severity=severity
    )
