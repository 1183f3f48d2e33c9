"""`manage.py ticker`: calls periodic work; any number of copies."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from zbmaint.queue.ticker import Ticker


class Command(BaseCommand):
    """Calls what is registered in `zbmaint.beat`: reaps what died, purges what is old."""

    help = "Reaps runs whose worker died and purges what is older than its retention (any number of copies)."

    def handle(self, *_: Any, **__: Any) -> None:
        """Tick until TERM or Ctrl-C."""
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Ticker(stop, settings.TICK_SECONDS).run()
