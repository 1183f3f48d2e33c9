"""`manage.py prober`: looks at every probe in its time; any number of copies."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from maintenance.prober import Prober


class Command(BaseCommand):
    """Reads probes, stores the readings, lets outages begin and end."""

    help = "Looks at every probe in its time and stores what it saw (any number of copies)."

    def handle(self, *_: Any, **__: Any) -> None:
        """Look until TERM or Ctrl-C. CommandError for settings that cannot be."""
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if settings.PROBER_THREADS < 1:
            raise CommandError(f"PROBER_THREADS must be at least 1, not {settings.PROBER_THREADS}.")
        try:
            prober = Prober(stop, settings.PROBER_THREADS, settings.PROBER_ANCHORS)
        except ValueError as error:
            raise CommandError(f"{error}.") from None
        prober.run()
