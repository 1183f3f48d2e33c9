"""Person: somebody who signs in. People are retired, never deleted, so that what they did keeps its name."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.functional import cached_property

from zbmaint.access.models.role import Role
from zbmaint.prepared import preparing_cursor


class Theme(models.TextChoices):
    """How pages look; `system` follows the device."""

    SYSTEM = "system", "System"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Density(models.TextChoices):
    """How tall rows are."""

    COMPACT = "compact", "Compact"
    COMFORTABLE = "comfortable", "Comfortable"


def validate_time_zone(value: str) -> None:
    """Raise ValidationError unless `value` is an IANA time zone name."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(f"{value!r} is not an IANA time zone; write it like Africa/Harare or UTC.")


def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@cache
def _signed_in() -> str:
    tables = (("person", Person), ("role", Role))
    columns = [f"{table}.{field.column}" for table, model in tables for field in model._meta.concrete_fields]
    return f"""
        SELECT {", ".join(columns)}, ARRAY(
            SELECT app_label || '.' || codename FROM access_role_permissions AS given
            JOIN auth_permission AS permission ON permission.id = given.permission_id
            JOIN django_content_type AS kind ON kind.id = permission.content_type_id
            WHERE given.role_id = role.id
        )
        FROM access_person AS person JOIN access_role AS role ON role.id = person.role_id
        WHERE person.id = %s AND person.retired_at IS NULL
    """  # noqa: S608 - the names are those of our columns


class PersonManager(BaseUserManager["Person"]):
    """Finds people; creating one is the work of `zbmaint.access.actions.people`."""

    def active(self) -> models.QuerySet[Person]:
        """People who can sign in."""
        return self.filter(retired_at__isnull=True)

    def signed_in(self, pk: int) -> Person | None:
        """The person with role and permissions, as every request needs them; None once retired, or without them.

        One query, whose text is made once in a process: the ORM takes longer to make it than the database to answer.
        """
        with preparing_cursor() as cursor:
            cursor.execute(_signed_in(), [pk])
            found = cursor.fetchone()
        if found is None:
            return None
        *values, permissions = found
        own = len(self.model._meta.concrete_fields)
        person = self.model.from_db(connection.alias, _names(self.model), values[:own])
        person.role = Role.from_db(connection.alias, _names(Role), values[own:])
        person.permissions = frozenset(permissions)
        return person


class Person(AbstractBaseUser):
    """A member of the operations staff. `retired_at` set means: cannot sign in, is kept for the record."""

    username = models.CharField(
        max_length=80,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "A person with this username exists already."},
    )
    name = models.CharField("full name", max_length=120, blank=True)
    email = models.EmailField("e-mail", blank=True)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="people")
    tier = models.PositiveSmallIntegerField(
        null=True, blank=True, choices=[(1, "Tier 1"), (2, "Tier 2"), (3, "Tier 3")], help_text="The support tier."
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    theme = models.CharField(max_length=12, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMPACT)
    single_keys = models.BooleanField("single-key shortcuts", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # What their leaving has brought about, in sentences; set by the action that retires them, not kept.
    aftermath: tuple[str, ...] = ()

    objects = PersonManager()

    class Meta:
        ordering = ["username"]
        verbose_name_plural = "people"
        permissions = [("use_admin", "May use Django admin")]

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        """The name to show where there is room; the username when none is given."""
        return self.name or self.username

    def get_short_name(self) -> str:
        """The username."""
        return self.username

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django has a class attribute here; ours follows retirement
        """Whether the person can sign in."""
        return self.retired_at is None

    @property
    def is_staff(self) -> bool:
        """Whether Django admin lets the person in at all."""
        return self.has_perm("access.use_admin")

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Permissions as `app.codename`; empty when retired. Read once per object, that is, per request."""
        if not self.is_active:
            return frozenset()
        rows = self.role.permissions.values_list("content_type__app_label", "codename")
        return frozenset(f"{app}.{codename}" for app, codename in rows)

    def has_perm(self, perm: str, _obj: Any = None) -> bool:
        """Whether the role holds `perm` (`app.codename`)."""
        return self.is_active and (self.role.grants_everything or perm in self.permissions)

    def has_perms(self, perm_list: Iterable[str], _obj: Any = None) -> bool:
        """Whether the role holds all of `perm_list`."""
        return all(self.has_perm(perm) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the role holds any permission of that app."""
        return self.is_active and (
            self.role.grants_everything or any(perm.startswith(f"{app_label}.") for perm in self.permissions)
        )
