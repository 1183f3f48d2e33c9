"""Target: a system that we maintain."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

OWN = "own"


class TargetQuerySet(models.QuerySet["Target"]):
    """Finds targets."""

    def active(self) -> TargetQuerySet:
        """Targets that are not retired."""
        return self.filter(retired_at__isnull=True)


class Target(models.Model):
    """A database or an application, with its credentials by reference: they are read when needed and never stored.

    `reference` is `own` (the product's own database), `env:NAME` (an environment variable of the workers) or
    `file:/path`; the variable or file holds a URL such as `postgresql://user:password@host:5432/name?sslmode=…`, or
    the address of an application before `/actuator`.
    """

    class Kind(models.TextChoices):
        """What it is."""

        DATABASE = "database", "PostgreSQL database"
        APPLICATION = "application", "Application (Spring Boot)"

    name = models.SlugField(max_length=60, unique=True, help_text="Short name, used on the command line.")
    title = models.CharField(max_length=120, blank=True, help_text="What people call it.")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.DATABASE)
    reference = models.CharField(
        max_length=300,
        validators=[
            RegexValidator(
                r"^(own|env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)\Z",
                "Write own, env:NAME or file:/path. The connection URL itself is never stored here.",
            )
        ],
        help_text="Where the URL stands: own, env:NAME or file:/path. Of an application: its address before /actuator.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title or self.name
