"""What a ticket says, as people change it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from incidents.forms.action_forms import ActionForm
from incidents.forms.fields import CategoryField, LongTextField, SeverityField, TagsField, TitleField
from incidents.models import Category, Ticket

EDITED = ("title", "severity", "category", "description", "tags")


class EditTicketForm(ActionForm):
    """Title, severity, category, description, tags. A category that is retired stays with those that have it."""

    title = TitleField()
    severity = SeverityField()
    category = CategoryField()
    description = LongTextField(rows=10, help_text="Markdown; at most 20,000 characters.")
    tags = TagsField()
    field_order = (*EDITED, "version", "next")

    def __init__(self, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category = self.fields["category"]
        assert isinstance(category, forms.ModelChoiceField)  # noqa: S101  # it is declared above
        category.queryset = Category.objects.filter(Q(retired_at__isnull=True) | Q(pk=ticket.category_id))

    def values(self) -> dict[str, Any]:
        """What they want it to say; call after `is_valid`."""
        return {name: self.cleaned_data[name] for name in EDITED} | {"tags": list(self.cleaned_data["tags"])}

    def take(self, ticket: Ticket, names: set[str]) -> None:
        """Let the fields `names` say what the ticket says now: their person has left them alone."""
        now = as_typed(ticket)
        self.say(**{name: now[name] for name in names})


def as_typed(ticket: Ticket) -> dict[str, str]:
    """What a ticket says, as its fields hold it."""
    return {
        "title": ticket.title,
        "severity": ticket.severity,
        "category": ticket.category.key if ticket.category else "",
        "description": ticket.description,
        "tags": ", ".join(ticket.tags),
    }


def of(ticket: Ticket, next_page: str = "") -> EditTicketForm:
    """The form as the ticket stands."""
    return EditTicketForm(ticket, initial={**as_typed(ticket), "version": ticket.version, "next": next_page})
