"""`manage.py services start|stop`: the embedded servers alone, detached, for development."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from zbmaint.embedded.errors import EmbeddedError
from zbmaint.embedded.lock import DataLock
from zbmaint.embedded.servers import DetachedServers


class Command(BaseCommand):
    """Starts the servers that no URL in the environment replaces, or stops them."""

    help = "Starts or stops only the embedded servers, which then outlive the command (for development)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do."""
        parser.add_argument("do", choices=["start", "stop"])

    def handle(self, *_: Any, **options: Any) -> None:
        """Start or stop; says what was done. CommandError when a server cannot be used."""
        services = DetachedServers(settings.LAYOUT)
        try:
            if options["do"] == "stop":
                stopped = services.stop()
                self.stdout.write(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running.")
                return
            settings.LAYOUT.prepare()
            with DataLock(settings.LAYOUT.root, "make up-services"):
                started = services.start()
        except (EmbeddedError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Started {' and '.join(started)}." if started else "There was nothing to start.")
        self.stdout.write(f"DATABASE_URL={settings.LAYOUT.database_url}\nREDIS_URL={settings.LAYOUT.redis_url}")
