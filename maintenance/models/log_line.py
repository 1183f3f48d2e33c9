"""LogLine: a line of a run's log."""

from __future__ import annotations

from django.db import models

from maintenance.models.run import Run


class Level(models.TextChoices):
    """How loud a line is."""

    INFO = "info", "Info"
    WARN = "warn", "Warning"
    ERROR = "error", "Error"


class LogLine(models.Model):
    """Line `number` (1, 2, 3 … without gaps) of a run's log; the number is the cursor of the live page."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="log_lines")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=5, choices=Level, default=Level.INFO)
    text = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_log_line_a_number")]

    def __str__(self) -> str:
        return self.text
