"""Tag: a word that tickets may carry."""

from __future__ import annotations

from django.db import models

from incidents.rules import texts


class Tag(models.Model):
    """A tag that has been given. Tickets hold the names; this is the list to choose from."""

    name = models.CharField(max_length=texts.LONGEST_TAG, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
