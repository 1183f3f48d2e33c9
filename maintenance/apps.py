"""App configuration of `maintenance`."""

from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    """Scheduled and manual maintenance of the platform's systems."""

    name = "maintenance"
    verbose_name = "Maintenance"
