"""QueueCount: how many unfinished tickets there are, without counting them."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models

from incidents.models.tier import Tier
from zbmaint.prepared import Prepared


class QueueCountManager(models.Manager["QueueCount"]):
    """Adds up."""

    def changes(self) -> int:
        """How many changes of tickets there have been; the cheapest of all questions about tickets."""
        return self.edition()[0]

    def edition(self) -> tuple[int, int]:
        """The same with the newest row: no two states of the tickets have both, not even of two databases or of a
        transaction that was undone. Zeros while there has been no ticket."""
        changes, newest = EDITION.rows()[0]
        return int(changes or 0), newest or 0


class QueueCount(models.Model):
    """A number of unfinished tickets of a tier and an assignee (null: nobody) to add to the others of the same.

    The database writes a row for what each statement on tickets changes (triggers of migration 0004), in the same
    transaction: rows are only added, so nobody waits for anybody, and the sum is exact in every snapshot. `changes` is
    how many tickets the statement has touched, finished ones too: while their sum over all rows stays, every ticket has
    stayed as it was. The ticker puts the rows together (`incidents.actions.counting`).
    """

    tier = models.ForeignKey(Tier, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    number = models.IntegerField()
    changes = models.BigIntegerField(default=0)

    objects = QueueCountManager()

    def __str__(self) -> str:
        return f"{self.number:+} in {self.tier_id}"


EDITION: Final = Prepared(
    lambda: QueueCount.objects.values_list(models.Func("changes", function="sum"), models.Func("pk", function="max"))
)
