"""`manage.py worker {short,long,runbook}`: one supervised django-q2 cluster."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from zbmaint.queue.door import QUEUES
from zbmaint.queue.supervisor import Supervisor


class Command(BaseCommand):
    """Runs a cluster for one queue, restarts it when it exits, and takes it down with itself."""

    help = "Runs one supervised cluster for a queue (production runs any number of them)."

    def add_arguments(self, parser: CommandParser) -> None:
        """The queue."""
        parser.add_argument("queue", choices=QUEUES)

    def handle(self, *_: Any, **options: Any) -> None:
        """Supervise until TERM or Ctrl-C."""
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Supervisor(options["queue"], stop).run()
