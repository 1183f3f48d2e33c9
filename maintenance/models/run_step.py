"""RunStep: a part of a run that people see happen."""

from __future__ import annotations

from django.db import models

from maintenance.models.run import Run


class RunStep(models.Model):
    """One step of a run. `done` of `total` (both in `unit`) is the engine's own progress, not an estimate."""

    class State(models.TextChoices):
        """What became of it."""

        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        WARNING = "warning", "Warning"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"
        CANCELLED = "cancelled", "Cancelled"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    note = models.CharField(max_length=300, blank=True)
    done = models.BigIntegerField(null=True, blank=True)
    total = models.BigIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_step_a_position")]

    def __str__(self) -> str:
        return self.name
