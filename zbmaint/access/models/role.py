"""Role: what a person may do, as data."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db import models


class Role(models.Model):
    """A named set of permissions. A person has one role; `rank` orders roles in lists, lowest first."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField(default=0)
    grants_everything = models.BooleanField(
        default=False, help_text="Holds every permission, also those that a later version brings."
    )
    permissions = models.ManyToManyField(Permission, blank=True, related_name="roles")

    class Meta:
        ordering = ["rank", "name"]

    def __str__(self) -> str:
        return self.name
