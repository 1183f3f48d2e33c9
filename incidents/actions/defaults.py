"""What the people's floor installs by itself, each thing once."""

from __future__ import annotations

from django.db import transaction

from incidents.models import Category, NoticeMinimum, ResponseTarget, Severity, Tier
from incidents.rules import notifying, tiers
from zbmaint.access.defaults import first_time


@transaction.atomic
def install() -> None:
    """Install the tiers with their twelve response targets, the categories, and the least that is told: of a new
    critical ticket whoever has to answer hears by e-mail."""
    for number in tiers.NUMBERS:
        tier = Tier.objects.existing(number)
        for severity in Severity.values:
            ResponseTarget.objects.existing(tier, severity)
    if first_time("notice_minimum:opened"):
        NoticeMinimum.objects.get_or_create(event=notifying.OPENED, defaults={"channels": [notifying.EMAIL]})
    for position, (key, name) in enumerate(tiers.CATEGORIES):
        if first_time(f"ticket_category:{key}"):
            Category.objects.get_or_create(key=key, defaults={"name": name, "position": position})
