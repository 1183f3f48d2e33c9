"""Severity: how bad a ticket is."""

from __future__ import annotations

from django.db import models


class Severity(models.TextChoices):
    """How bad it is."""

    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"
