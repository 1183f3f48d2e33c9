"""The desk's set-up as a ticket that is being opened asks for it, each part read once for all that open together."""

from __future__ import annotations

from functools import cached_property

from incidents.actions.choosing import Rule, active_rules
from incidents.actions.tags import remember
from incidents.models import Category, ResponseTarget, Tier


class SetUp:
    """Tiers, targets, categories, tags and rules, as they are in one transaction."""

    def __init__(self) -> None:
        self._tiers: dict[int, Tier] = {}
        self._targets: dict[tuple[int, str], ResponseTarget] = {}
        self._categories: dict[str, Category | None] = {"": None}
        self._tags: dict[tuple[str, ...], list[str]] = {}

    def tier(self, number: int) -> Tier:
        """The tier, with its calendar."""
        if number not in self._tiers:
            self._tiers[number] = Tier.objects.existing(number)
        return self._tiers[number]

    def target(self, tier: Tier, severity: str) -> ResponseTarget:
        """How soon the tier answers to that severity."""
        if (tier.pk, severity) not in self._targets:
            self._targets[tier.pk, severity] = ResponseTarget.objects.existing(tier, severity)
        return self._targets[tier.pk, severity]

    def category(self, key: str) -> Category | None:
        """The category that a source names, unless it is retired or none."""
        if key not in self._categories:
            self._categories[key] = Category.objects.filter(key=key, retired_at__isnull=True).first()
        return self._categories[key]

    def tags(self, given: tuple[str, ...]) -> list[str]:
        """The tags as a ticket keeps them. Raises TicketRefused for one that is none."""
        if given not in self._tags:
            self._tags[given] = remember(given)
        return list(self._tags[given])

    @cached_property
    def rules(self) -> list[Rule]:
        """The assignment rules that are active, in their order."""
        return active_rules()
