"""What may be said about a person as an assignee: that they are away, and how many open tickets they can have."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from incidents.actions.desk import differing, keep, locked, make
from incidents.actions.loads import who_may_work
from incidents.actions.refusals import DeskRefused
from incidents.models import Responder
from zbmaint.access.models import Person


@dataclass(frozen=True)
class ResponderDetails:
    """Until when somebody is away (None: is here), why, and their own cap (None: that of the tier)."""

    away_until: dt.datetime | None = None
    away_reason: str = ""
    open_cap: int | None = None


def create(person: Person, details: ResponderDetails, *, actor: Person | None) -> Responder:
    """Say it of a person of whom nothing is said yet. Raises DeskRefused, ValidationError."""
    if not who_may_work().filter(pk=person.pk).exists():
        raise DeskRefused(f"{person} may not work on tickets, or has left.", "person")
    _refuse(details, details.away_until)
    return make(Responder(person=person, **asdict(details)), "availability_set", actor=actor, names=asdict(details))


@transaction.atomic
def change(responder: Responder, details: ResponderDetails, *, actor: Person) -> Responder:
    """Say something else. The tickets that they have stay theirs. Raises DeskRefused, ValidationError."""
    row = locked(responder)
    _refuse(details, details.away_until if details.away_until != row.away_until else None)
    before, after = differing(row, asdict(details))
    keep(row, "availability_changed", before, after, actor=actor)
    return row


def _refuse(details: ResponderDetails, new_until: dt.datetime | None) -> None:
    if new_until is not None and new_until <= timezone.now():
        raise DeskRefused("That has passed already. Say until when, or leave it empty: here.", "away_until")
    if details.away_reason and details.away_until is None:
        raise DeskRefused("Say until when, or leave out the reason.", "away_until")
