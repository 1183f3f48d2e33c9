"""What maintenance installs by itself, each thing once."""

from __future__ import annotations

from django.db import transaction

from maintenance.models import Target
from maintenance.models.target import OWN
from zbmaint.access.defaults import first_time
from zbmaint.audit.record import record


@transaction.atomic
def install() -> None:
    """Install the default target: the product's own database."""
    if first_time("target:own"):
        target, created = Target.objects.get_or_create(
            name="zbmaint",
            defaults={"title": "zbmaint's own database", "kind": Target.Kind.DATABASE, "reference": OWN},
        )
        if created:
            record("target_created", target, None, after={"name": target.name, "reference": target.reference})
