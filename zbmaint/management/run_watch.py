"""RunWatch: shows a foreground run on the terminal and passes Ctrl-C on to it."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType

from django.db import DatabaseError, connection
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from maintenance.actions import runs
from maintenance.models import Run, RunStep

LOOK_SECONDS = 0.3


class RunWatch:
    """Runs beside `runner.execute`. Ctrl-C asks the run to stop, as the button on its page does."""

    def __init__(self, run: Run, interrupted: Event, *, show: bool) -> None:
        self._run = run
        self._interrupted = interrupted
        self._done = Event()
        self._thread = Thread(target=self._work, name="run-watch", daemon=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not show,
        )

    def __enter__(self) -> RunWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            with self._progress:
                bar = self._progress.add_task(str(self._run), total=100)
                while not self._done.wait(LOOK_SECONDS):
                    self._look(bar)
        finally:
            connection.close()

    def _look(self, bar: object) -> None:
        try:
            if self._interrupted.is_set():
                self._interrupted.clear()
                runs.request_cancel(self._run, None)
            now = Run.objects.get(pk=self._run.pk)
            step = now.steps.filter(state=RunStep.State.RUNNING).last()
        except (DatabaseError, runs.RunRefused):
            return
        self._progress.update(bar, completed=now.progress, description=step.name if step else str(now))  # type: ignore[arg-type]  # rich's TaskID is an int by another name
