"""`manage.py tasks`: the catalogue."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from maintenance.models import Target
from maintenance.tasks.catalog import CATALOG


class Command(BaseCommand):
    """Key, category, cadence, what it needs, and whether that is configured."""

    help = "Lists the kinds of maintenance work."

    def add_arguments(self, parser: CommandParser) -> None:
        """Output format."""
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the catalogue."""
        kinds = set(Target.objects.active().values_list("kind", flat=True))
        rows = [
            {
                "key": task.key,
                "title": task.title,
                "category": task.category,
                "cadence": task.cadence,
                "needs": task.needs or None,
                "configured": not task.needs or task.needs in kinds,
            }
            for task in CATALOG.values()
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            configured = "configured" if row["configured"] else "not configured"
            self.stdout.write(f"{row['key']:<24} {row['category']:<11} {row['cadence']:<20} {configured}")
