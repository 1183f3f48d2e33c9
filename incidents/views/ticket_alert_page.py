"""The alerts of a ticket, read for a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Q

from incidents.models import AlertGroup, Ticket, TicketAlert
from incidents.rules.episodes import FIRING

PAGE_SIZE = 50


@dataclass(frozen=True)
class TicketAlerts:
    """A page of the alerts of `ticket`, those that fire first."""

    ticket: Ticket
    page: int = 1

    @cached_property
    def rows(self) -> list[TicketAlert]:
        """The alerts of this page."""
        if not self.ticket.key:
            return []  # a person's
        first = (self.page - 1) * PAGE_SIZE
        return list(self.ticket.alerts.defer("annotations")[first : first + PAGE_SIZE])

    @cached_property
    def _counts(self) -> dict[str, int]:
        return self.ticket.alerts.aggregate(total=Count("pk"), firing=Count("pk", filter=Q(status=FIRING)))

    @property
    def total(self) -> int:
        """How many there are."""
        return self._counts["total"]

    @property
    def firing(self) -> int:
        """How many of them fire."""
        return self._counts["firing"]

    @cached_property
    def truncated(self) -> int:
        """How many more the source has, and did not tell."""
        return AlertGroup.objects.filter(ticket=self.ticket).values_list("truncated", flat=True).first() or 0

    @property
    def before(self) -> int | None:
        """The page before this one."""
        return self.page - 1 if self.page > 1 else None

    @property
    def after(self) -> int | None:
        """The page after this one."""
        return self.page + 1 if self.page * PAGE_SIZE < self.total else None
