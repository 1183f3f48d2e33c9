"""Link: what a ticket is about or has to do with."""

from __future__ import annotations

from django.db import models

from incidents.models.ticket import Ticket


class Link(models.Model):
    """A thing of another part of the product or of another system: a run, a runbook run, an outage.

    `kind` and `ref` (its id there) name it, `label` and `url` show it. The row stays when the thing is purged.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=30)
    ref = models.CharField(max_length=80)
    label = models.CharField(max_length=200)
    url = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "kind", "ref"], name="one_link_a_thing")]
        indexes = [models.Index(fields=["kind", "ref"], name="link_by_thing")]

    def __str__(self) -> str:
        return self.label
