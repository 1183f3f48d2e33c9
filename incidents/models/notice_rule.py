"""NoticeRule and NoticeMinimum: how people wish to be told of an event, and what they cannot wish away."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from incidents.models.severity import Severity
from incidents.rules import notifying, severities

EVENTS = list(notifying.EVENTS.items())
REPORTS = [(event, report.words) for event, report in notifying.REPORTS.items()]


class NoticeRule(models.Model):
    """How a person is told of an event: by these channels, from this severity up. Of reports the severity says nothing.

    Without a row: by e-mail, always; of reports as `incidents.rules.notifying.REPORTS` says.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notice_rules")
    event = models.CharField(max_length=12, choices=[*EVENTS, *REPORTS])
    channels = models.JSONField(default=list, blank=True)
    least = models.CharField("from this severity up", max_length=10, choices=Severity, default=severities.LOW)

    class Meta:
        ordering = ["person", "event"]
        constraints = [models.UniqueConstraint(fields=["person", "event"], name="one_rule_an_event")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_event_display()}"

    def wish(self) -> notifying.Wish:
        """As the rules take it."""
        return notifying.Wish(tuple(self.channels), self.least)


class NoticeMinimum(models.Model):
    """How whoever has to answer (assignee, on call) is told of an event at least, whatever their rules say."""

    event = models.CharField(max_length=12, choices=EVENTS, unique=True)
    channels = models.JSONField(default=list, blank=True)
    least = models.CharField("from this severity up", max_length=10, choices=Severity, default=severities.CRITICAL)

    class Meta:
        ordering = ["event"]

    def __str__(self) -> str:
        return self.get_event_display()

    @property
    def said(self) -> str:
        """How, and from when on, in words."""
        ways = " and ".join(notifying.CHANNEL_WORDS.get(channel, channel) for channel in self.channels)
        return f"by {ways}, {'always' if self.least == severities.LOW else f'from {self.least} up'}"

    def wish(self) -> notifying.Wish:
        """As the rules take it."""
        return notifying.Wish(tuple(self.channels), self.least)
