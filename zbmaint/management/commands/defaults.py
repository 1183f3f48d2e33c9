"""`manage.py defaults`: installs what the product ships."""

from typing import Any

from django.core.management.base import BaseCommand

from incidents.actions import defaults as incidents_defaults
from maintenance.actions import defaults as maintenance_defaults
from zbmaint.access import defaults as access_defaults


class Command(BaseCommand):
    """Roles, tiers with their targets, categories, schedules.

    Idempotent, and never overwrites or brings back what somebody edited.
    """

    help = "Installs roles, tiers, targets, categories and schedules; idempotent, never overwrites an edit."

    def handle(self, *_: Any, **__: Any) -> None:
        """Install."""
        access_defaults.install()
        incidents_defaults.install()
        maintenance_defaults.install()
