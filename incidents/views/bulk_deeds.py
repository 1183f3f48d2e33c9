"""What can be done to many tickets at once: one entry each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from incidents.actions import assignment, editing, handing, statuses
from incidents.forms.bulk_forms import (
    BulkAssignForm,
    BulkEscalateForm,
    BulkForm,
    BulkResolveForm,
    BulkSeverityForm,
    BulkTagForm,
    Chosen,
)
from incidents.models import Ticket
from incidents.views.ticket_assign import offered
from zbmaint.access.models import Person

MakeForm = Callable[..., BulkForm]
Given = dict[str, Any]
Do = Callable[[Chosen, Given, Person], object]


@dataclass(frozen=True)
class Deed:
    """`verb` is on its button, `did` is what is said of the tickets afterwards.

    `form` takes the tickets, then what a form takes. `do` takes a ticket, what the form says, and who does it.
    `shortcut` is the key that presses its button. `at_once`: nothing is asked before.
    """

    key: str
    verb: str
    did: str
    form: MakeForm
    do: Do
    icon: str = ""
    shortcut: str = ""
    explains: str = ""
    at_once: bool = False
    only_wide: bool = False

    @property
    def symbol(self) -> str:
        """Its icon: of the same name, if no other is given."""
        return self.icon or self.key


def _plain(make: type[BulkForm]) -> MakeForm:
    def made(_: Sequence[Ticket], *args: Any, **kwargs: Any) -> BulkForm:
        return make(*args, **kwargs)

    return made


def _assign_form(tickets: Sequence[Ticket], *args: Any, **kwargs: Any) -> BulkForm:
    people = offered({ticket.tier_id for ticket in tickets}, timezone.now())
    return BulkAssignForm(list(people), *args, **kwargs)


def _escalate_form(tickets: Sequence[Ticket], *args: Any, **kwargs: Any) -> BulkForm:
    tiers = {ticket.tier.number: ticket.tier for ticket in tickets if not ticket.tier.is_last}
    criteria = dict.fromkeys(each for _, tier in sorted(tiers.items()) for each in tier.criteria)
    return BulkEscalateForm(list(criteria), *args, **kwargs)


def _acknowledge(chosen: Chosen, _: Given, actor: Person) -> object:
    return assignment.claim(chosen.number, actor=actor, seen=chosen.version)


def _assign(chosen: Chosen, given: Given, actor: Person) -> object:
    return assignment.assign(chosen.number, given["assignee"], actor=actor, seen=chosen.version)


def _escalate(chosen: Chosen, given: Given, actor: Person) -> object:
    said = {"criterion": given["criterion"], "reason": given["reason"]}
    return handing.escalate(chosen.number, actor=actor, seen=chosen.version, **said)


def _resolve(chosen: Chosen, given: Given, actor: Person) -> object:
    return statuses.resolve(chosen.number, actor=actor, seen=chosen.version, code=given["code"], note=given["note"])


def _set_severity(chosen: Chosen, given: Given, actor: Person) -> object:
    return editing.set_severity(chosen.number, given["severity"], actor=actor)


def _add_tags(chosen: Chosen, given: Given, actor: Person) -> object:
    return editing.add_tags(chosen.number, given["tags"], actor=actor)


_ALL = (
    Deed("acknowledge", "Acknowledge", "acknowledged", _plain(BulkForm), _acknowledge, shortcut="a", at_once=True),
    Deed(
        "assign",
        "Assign",
        "assigned",
        _assign_form,
        _assign,
        shortcut="i",
        explains="Whoever is assigned has not accepted yet.",
    ),
    Deed(
        "escalate",
        "Escalate",
        "escalated",
        _escalate_form,
        _escalate,
        shortcut="e",
        explains="The clock of the next tier starts then.",
    ),
    Deed(
        "resolve",
        "Resolve",
        "resolved",
        _plain(BulkResolveForm),
        _resolve,
        icon="check",
        shortcut="r",
        explains="Each gets this code and note.",
    ),
    Deed(
        "severity",
        "Change severity",
        "given that severity",
        _plain(BulkSeverityForm),
        _set_severity,
        icon="alert",
        only_wide=True,
        explains="Running clocks get its targets, from their beginning on.",
    ),
    Deed(
        "tag",
        "Tag",
        "tagged",
        _plain(BulkTagForm),
        _add_tags,
        only_wide=True,
        explains="Tags that are there already stay.",
    ),
)
DEEDS = {deed.key: deed for deed in _ALL}
