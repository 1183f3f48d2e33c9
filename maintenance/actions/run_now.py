"""Run a scheduled task now, outside its times."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from maintenance.actions import runs
from maintenance.models import Origin, Run, ScheduledTask
from maintenance.task import Task
from zbmaint.access.models import Person
from zbmaint.queue.locks import transaction_lock


@transaction.atomic
def run_now(task: Task, scheduled: ScheduledTask, *, actor: Person) -> tuple[Run, bool]:
    """The run of `scheduled` that was asked for now, and True; or the same work that is active already, and False.

    What is due or waits does not matter. Raises RunRefused as `runs.request` does.
    """
    if not isinstance(scheduled.parameters, Mapping):
        raise runs.RunRefused("The parameters of this scheduled task cannot be read. Edit the schedule in admin.")
    # Two people who press at once get one run, also of work that holds no lock group.
    transaction_lock(f"run-now:{task.key}:{scheduled.target_id}")
    same = Run.objects.active().filter(task=task.key, target=scheduled.target, dry_run=False).order_by("id").first()
    if same is not None:
        return same, False
    asked = runs.request(
        task,
        scheduled.target,
        actor=actor,
        origin=Origin.PERSON,
        parameters=scheduled.parameters,
        terms=runs.terms_of(scheduled),
    )
    return asked, True
