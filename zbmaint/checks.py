"""System checks: settings that would fail later, in the middle of the night, fail at the start, with a hint."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

AUDIT_MINIMUM_DAYS = REPORT_MINIMUM_DAYS = 400
SHORTEST_TOKEN = 16


@register
def audit_retention(**_: Any) -> list[CheckMessage]:
    """The database refuses to delete audit entries younger than 400 days, so a shorter retention could never work."""
    if settings.AUDIT_RETENTION_DAYS >= AUDIT_MINIMUM_DAYS:
        return []
    return [
        Error(
            f"AUDIT_RETENTION_DAYS is {settings.AUDIT_RETENTION_DAYS}, but audit entries are kept for at least "
            f"{AUDIT_MINIMUM_DAYS} days.",
            hint=f"Set AUDIT_RETENTION_DAYS to {AUDIT_MINIMUM_DAYS} or more.",
            id="zbmaint.E001",
        )
    ]


@register
def report_retention(**_: Any) -> list[CheckMessage]:
    """The same of weekly reports, which the database keeps as they were frozen."""
    if settings.WEEKLY_REPORT_RETENTION_DAYS >= REPORT_MINIMUM_DAYS:
        return []
    return [
        Error(
            f"WEEKLY_REPORT_RETENTION_DAYS is {settings.WEEKLY_REPORT_RETENTION_DAYS}, but weekly reports are kept for "
            f"at least {REPORT_MINIMUM_DAYS} days.",
            hint=f"Set WEEKLY_REPORT_RETENTION_DAYS to {REPORT_MINIMUM_DAYS} or more.",
            id="zbmaint.E004",
        )
    ]


@register
def metrics_access(**_: Any) -> list[CheckMessage]:
    """A network that is none would be noticed when a scrape is refused; a token that is guessed, never."""
    found: list[CheckMessage] = []
    for network in settings.METRICS_ALLOWED:
        try:
            ip_network(network)
        except ValueError as problem:
            hint = "Write networks by comma, such as 127.0.0.1/32,10.1.0.0/16."
            found.append(Error(f"METRICS_ALLOWED has no network: {problem}.", hint=hint, id="zbmaint.E002"))
    if 0 < len(settings.METRICS_TOKEN) < SHORTEST_TOKEN:
        hint = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        says = f"METRICS_TOKEN has {len(settings.METRICS_TOKEN)} characters; it needs at least {SHORTEST_TOKEN}."
        found.append(Error(says, hint=hint, id="zbmaint.E003"))
    return found
