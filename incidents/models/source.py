"""Source: a system that tells us alerts over HTTP."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from incidents.intake.catalog import CATALOG
from incidents.models.category import Category
from incidents.models.severity import Severity
from incidents.models.tier import Tier


def usual_severities() -> dict[str, str]:
    """What words for severities usually mean."""
    return {
        "page": "critical",
        "critical": "critical",
        "emergency": "critical",
        "high": "high",
        "error": "high",
        "major": "high",
        "warning": "medium",
        "medium": "medium",
        "low": "low",
        "minor": "low",
        "info": "low",
        "none": "low",
    }


class Source(models.Model):
    """Its tickets have its `slug` as their source. `severities` says what its words mean: word in lower case to
    severity; any other word is `default_severity`, and said on the ticket.

    Its tickets get `category`, `tags` and `tier`. One that is not `enabled` keeps what comes and opens nothing.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=[(kind.key, kind.label) for kind in CATALOG.values()])
    severities = models.JSONField(default=usual_severities)
    default_severity = models.CharField(max_length=10, choices=Severity, default=Severity.MEDIUM)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    tags = models.JSONField(default=list, blank=True)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        default_permissions = ("view", "add", "change")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("source", args=[self.slug])
