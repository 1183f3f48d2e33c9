"""`manage.py run_task KEY`: one run in the foreground, through the same runner as the workers."""

from __future__ import annotations

import json
import signal
import sys
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from maintenance import runner
from maintenance.actions import runs
from maintenance.models import Origin, Run, Target
from maintenance.models.target import OWN
from maintenance.rules import run_states
from maintenance.task import Task
from maintenance.tasks.catalog import CATALOG
from zbmaint.management.run_watch import RunWatch

USAGE, SKIPPED = 2, 5
EXIT_STATUS = {
    run_states.SUCCEEDED: 0,
    run_states.WARNING: 3,
    run_states.NOT_CONFIGURED: 4,
    run_states.SKIPPED: SKIPPED,
}


def choose_target(task: Task, name: str | None) -> Target | None:
    """The target called `name`, or the only sensible one; raises CommandError (exit status 2) naming the choices."""
    if not task.needs:
        if name:
            raise CommandError(f"{task.key} works without a target; leave --target away.", returncode=USAGE)
        return None
    fitting = list(Target.objects.active().filter(kind=task.needs))
    if name is None:
        own = [target for target in fitting if target.reference == OWN]
        fitting = own or fitting
        if len(fitting) == 1:
            return fitting[0]
    for target in fitting:
        if target.name == name:
            return target
    names = ", ".join(target.name for target in fitting) or "none; add one in admin"
    raise CommandError(f"Say which target with --target. There are: {names}.", returncode=USAGE)


def parse_parameters(given: list[str]) -> dict[str, str]:
    """Turn `k=v` words into a dictionary; raises CommandError (exit status 2) on anything else."""
    values = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise CommandError(f"--param takes key=value, not {word!r}.", returncode=USAGE)
        values[key] = value
    return values


class Command(BaseCommand):
    """The same code as a queued run, with a progress bar on a terminal."""

    help = (
        "Runs one maintenance task in the foreground. Exit status: 0 succeeded; 1 failed, timed out, cancelled or "
        "lost; 2 usage error; 3 warning; 4 not configured; 5 skipped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to run, on what, how."""
        parser.add_argument("key", metavar="KEY", help="task key, see `manage.py tasks`")
        parser.add_argument("--target", metavar="NAME", help="target name; the product's own database when left away")
        parser.add_argument("--param", nargs="+", action="extend", default=[], metavar="k=v", help="parameters")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, change nothing")
        parser.add_argument("--json", action="store_true", help="print the report alone on stdout")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run and exit with the status of what became of it."""
        task = CATALOG.get(options["key"])
        if task is None:
            raise CommandError(f"No task {options['key']!r}. There are: {', '.join(CATALOG)}.", returncode=USAGE)
        run = self._request(task, options)
        self._carry_out(run, quiet=options["json"])
        run.refresh_from_db()
        if options["json"]:
            self.stdout.write(json.dumps(run.report, cls=DjangoJSONEncoder, indent=2))
        else:
            self.stdout.write(f"{run}: {run.get_state_display()}. {run.verdict}")
        sys.exit(EXIT_STATUS.get(run.state, 1))

    def _request(self, task: Task, options: dict[str, Any]) -> Run:
        target = choose_target(task, options["target"])
        try:
            return runs.request(
                task,
                target,
                actor=None,
                origin=Origin.COMMAND,
                parameters=parse_parameters(options["param"]),
                dry_run=options["dry_run"],
                queue=False,
            )
        except runs.RunRefused as refusal:
            raise CommandError(str(refusal), returncode=SKIPPED if refusal.run else USAGE) from None

    def _carry_out(self, run: Run, *, quiet: bool) -> None:
        interrupted = Event()
        before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
        try:
            with RunWatch(run, interrupted, show=not quiet and sys.stderr.isatty()):
                runner.execute(run.pk, str(run.token))
        finally:
            signal.signal(signal.SIGINT, before)
