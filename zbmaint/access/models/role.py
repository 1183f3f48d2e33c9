"""Role: what a person may do, as data."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import Exists, OuterRef, Q


class RoleQuerySet(models.QuerySet["Role"]):
    """Finds roles."""

    def holding(self, permission: str) -> RoleQuerySet:
        """Those that hold `permission` (`app.codename`); one that holds it twice is found once by `distinct`."""
        app, _, codename = permission.partition(".")
        given = Q(permissions__content_type__app_label=app, permissions__codename=codename)
        return self.filter(given | Q(grants_everything=True))


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

    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "name"]

    def __str__(self) -> str:
        return self.name


def may(permission: str) -> Exists:
    """Whether the role of a person holds `permission` (`app.codename`); for queries of people."""
    return Exists(Role.objects.holding(permission).filter(pk=OuterRef("role_id")))
