"""The time that is generated, and chance that is the same for the same seed."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """The last `days` whole days (UTC) before today, and today until `now`."""

    days: int
    seed: int
    now: dt.datetime

    @property
    def today(self) -> dt.datetime:
        """The midnight at which the whole days end."""
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def begins(self) -> dt.datetime:
        """The first midnight."""
        return self.today - self.days * DAY

    def day(self, share: float) -> dt.datetime:
        """The midnight at this share (0 to 1) of the days."""
        return self.begins + int(self.days * share) * DAY

    def share(self, moment: dt.datetime) -> float:
        """Where `moment` lies, from 0 (the beginning) to 1 (today's midnight)."""
        return (moment - self.begins) / (self.days * DAY)

    def chance(self, *names: object) -> random.Random:
        """Chance for one thing: it does not depend on what else is generated."""
        return random.Random(":".join(map(str, (self.seed, *names))))  # noqa: S311  # nothing secret comes of it
