"""Who is told of tickets besides the people of the desk, and the least that those are told, as leads set it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from incidents.actions.desk import differing, keep, locked, make
from incidents.actions.refusals import DeskRefused
from incidents.models import NoticeMinimum, Stakeholder
from incidents.rules import notifying
from zbmaint.access.models import Person

NO_ADDRESS = "Write the address like operations@example.org."


@dataclass(frozen=True)
class StakeholderDetails:
    """What people decide about a stakeholder; see the model."""

    name: str
    channel: str
    address: str
    severities: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()
    active: bool = True

    def facts(self) -> dict[str, Any]:
        """By column."""
        return asdict(self) | {"severities": list(self.severities), "tiers": list(self.tiers)}


def create(details: StakeholderDetails, *, actor: Person | None) -> Stakeholder:
    """Let somebody be told. Raises DeskRefused, ValidationError."""
    _check(details)
    return make(Stakeholder(**details.facts()), "stakeholder_created", actor=actor, names=details.facts())


@transaction.atomic
def change(stakeholder: Stakeholder, details: StakeholderDetails, *, actor: Person) -> Stakeholder:
    """Change who is told of what, from the next notice on. Raises DeskRefused, ValidationError."""
    row = locked(stakeholder)
    _check(details)
    before, after = differing(row, details.facts())
    keep(row, "stakeholder_changed", before, after, actor=actor)
    return row


@dataclass(frozen=True)
class MinimumDetails:
    """By which channels, from which severity up, whoever has to answer is always told of an event."""

    event: str
    channels: tuple[str, ...]
    least: str

    def facts(self) -> dict[str, Any]:
        """By column."""
        return asdict(self) | {"channels": list(self.channels)}


def create_minimum(details: MinimumDetails, *, actor: Person | None) -> NoticeMinimum:
    """Set what nobody can wish away. Raises ValidationError."""
    return make(NoticeMinimum(**details.facts()), "notice_minimum_created", actor=actor, names=details.facts())


@transaction.atomic
def change_minimum(minimum: NoticeMinimum, details: MinimumDetails, *, actor: Person) -> NoticeMinimum:
    """Change it, from the next notice on. Raises ValidationError."""
    row = locked(minimum)
    before, after = differing(row, details.facts())
    keep(row, "notice_minimum_changed", before, after, actor=actor)
    return row


def _check(details: StakeholderDetails) -> None:
    if details.channel == notifying.CHAT:
        if problem := notifying.why_not_chat(details.address):
            raise DeskRefused(problem, "address")
        return
    try:
        validate_email(details.address)
    except ValidationError:
        raise DeskRefused(NO_ADDRESS, "address") from None
