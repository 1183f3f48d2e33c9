"""The ledger of installed defaults."""

from __future__ import annotations

from django.db import models


class InstalledDefault(models.Model):
    """One thing that `manage.py defaults` has installed; it is never installed again, so edits and removals stay."""

    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key
