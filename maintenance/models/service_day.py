"""ServiceDay: how long a service was up and down on one day."""

from __future__ import annotations

from typing import Final

from django.db import models

SYSTEM: Final = 0


class ServiceDay(models.Model):
    """The states of a day in microseconds, by probe; probe 0 is the system: all critical services at once.

    `up` to `unknown` are gross: as observed, maintenance included; they add up to the part of the day that the service
    existed (of today: that has passed). `degraded` is a part of `up`. Net is gross without what lies in approved
    maintenance: `net_up` and `net_down`, with `maintenance` the length of what was taken out. Of it, `erased` is down
    time that a window approved after its beginning took out: it is listed wherever the uptime is.
    """

    pk = models.CompositePrimaryKey("day", "probe")
    day = models.DateField()
    probe = models.PositiveBigIntegerField()
    up = models.PositiveBigIntegerField(default=0)
    degraded = models.PositiveBigIntegerField(default=0)
    down = models.PositiveBigIntegerField(default=0)
    unknown = models.PositiveBigIntegerField(default=0)
    net_up = models.PositiveBigIntegerField(default=0)
    net_down = models.PositiveBigIntegerField(default=0)
    maintenance = models.PositiveBigIntegerField(default=0)
    erased = models.PositiveBigIntegerField(default=0)
    outages = models.PositiveIntegerField("outages that began", default=0)

    class Meta:
        ordering = ["day", "probe"]

    def __str__(self) -> str:
        return f"{self.day}, probe {self.probe or 'of the system'}"
