"""System checks: what would make every delivery fail is said at the start, with what to do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

from zbmaint import http
from zbmaint.http.policy import read_allowed
from zbmaint.notifications.transports import email, webhook

SHORTEST, LONGEST = 1.0, 20.0  # seconds; the queue ends what takes 60, and a lease is three times as long


@register
def monitoring_webhook(**_: Any) -> list[CheckMessage]:
    """URL and secret go together. A warning: maintenance works without them, and its notices wait for the repair."""
    try:
        url, secret = webhook.setting(webhook.URL), webhook.setting(webhook.SECRET)
        if url:
            http.where(url)
    except webhook.Unreadable as problem:
        return [Caution(str(problem), hint="Make the file readable for the product.", id="notifications.W001")]
    except http.HttpProblem:
        hint = f"Set {webhook.URL} to a URL such as https://monitoring.example.org/hooks/zbmaint."
        return [Caution(f"{webhook.URL} is malformed. Notices wait.", hint=hint, id="notifications.W002")]
    if bool(url) == bool(secret):
        return []
    there, missing = (webhook.URL, webhook.SECRET) if url else (webhook.SECRET, webhook.URL)
    says = "Nothing is sent unsigned: notices wait." if url else "Nothing is posted."
    hint = f"Set {missing} (or {missing}_FILE) for web, workers and ticker, or unset {there}."
    return [Caution(f"{there} is set and {missing} is not. {says}", hint=hint, id="notifications.W003")]


@register
def mail_server(**_: Any) -> list[CheckMessage]:
    """A mail server that is named can be read. One that is not named is said where notices are shown: they wait."""
    problem = email.lacks()
    if problem in ("", email.NOT_SET):
        return []
    hint = "Notices to people wait. Set EMAIL_URL to a URL such as submission://user:password@mail.example.org:587."
    return [Caution(problem, hint=hint, id="notifications.W004")]


@register
def outbound(**_: Any) -> list[CheckMessage]:
    """The address policy can be read, and the time for one attempt fits the queue."""
    found: list[CheckMessage] = []
    try:
        read_allowed(settings.HTTP_ALLOWED_PRIVATE)
    except ValueError as error:
        hint = "Write networks, addresses and host names with commas between them."
        found.append(Error(f"HTTP_ALLOWED_PRIVATE is malformed: {error}.", hint=hint, id="notifications.E001"))
    if not SHORTEST <= settings.NOTICE_SEND_SECONDS <= LONGEST:
        says = f"NOTICE_SEND_SECONDS is {settings.NOTICE_SEND_SECONDS:g}."
        hint = f"Set it from {SHORTEST:g} to {LONGEST:g}."
        found.append(Error(says, hint=hint, id="notifications.E002"))
    return found
