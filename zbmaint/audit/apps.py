"""App configuration of `zbmaint.audit`."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The append-only record of who did what."""

    name = "zbmaint.audit"
    label = "audit"
    verbose_name = "Audit"
