"""`manage.py ops_status`: is the product itself at work."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from zbmaint.dashboard.health import status


class Command(BaseCommand):
    """Workers, queues, lag and stuck work; exit status 1 when something is stuck."""

    help = "Says whether workers, ticker and queues are at work; exit status 1 when something is stuck."

    def add_arguments(self, parser: CommandParser) -> None:
        """Output format."""
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print and exit."""
        answer = status()
        if options["json"]:
            self.stdout.write(json.dumps(answer, cls=DjangoJSONEncoder, indent=2))
        else:
            for part in answer["parts"]:
                self.stdout.write(f"{'ok   ' if part['ok'] else 'STUCK'}  {part['name']:<10} {part['says']}")
            for name, queue in answer.get("queues", {}).items():
                self.stdout.write(f"       queue {name}: {queue['depth']} messages, {queue['workers']} workers")
            if "missed_last_day" in answer:
                self.stdout.write(f"       missed in the last day: {answer['missed_last_day']}")
        if not answer["ok"]:
            sys.exit(1)
