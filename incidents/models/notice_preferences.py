"""NoticePreferences: where and when a person is told."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class NoticePreferences(models.Model):
    """The chat of a person, by the name of the variable with its address, and their quiet hours in their time zone.

    Within those only what is critical reaches them at once. Their e-mail address is in their profile.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.PROTECT, related_name="notice_preferences"
    )
    chat = models.CharField(max_length=80, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "notice preferences"

    def __str__(self) -> str:
        return str(self.person)
