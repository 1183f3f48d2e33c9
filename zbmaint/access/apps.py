"""App configuration of `zbmaint.access`."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """People and roles."""

    name = "zbmaint.access"
    label = "access"
    verbose_name = "People and roles"
