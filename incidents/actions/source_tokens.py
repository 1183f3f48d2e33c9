"""What may be done to the tokens of a source: made, two live at most; revoked."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from incidents.actions.desk import locked
from incidents.actions.refusals import DeskRefused
from incidents.models import Source, SourceToken
from zbmaint.access.models import Person
from zbmaint.audit.record import record

PREFIX = "zbs"
PLACES = (1, 2)
ENDING = 4


def hashed(token: str) -> bytes:
    """What is kept of a token. It is 256 random bits, so that no slow hash is needed."""
    return hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=32, key=b"zbmaint:source-token").digest()


def claimed_source(token: str) -> int | None:
    """The id of the source that a token says it belongs to, true or not; None when it says none."""
    prefix, _, rest = token.partition("_")
    number = rest.partition("_")[0]
    return int(number) if prefix == PREFIX and number.isascii() and number.isdigit() and len(number) < 18 else None


@transaction.atomic
def create(source: Source, *, actor: Person | None) -> str:
    """Make a token and return it: this once, nobody can read it again. Raises DeskRefused for a third."""
    source = locked(source)
    taken = set(source.tokens.filter(revoked_at__isnull=True).values_list("place", flat=True))
    free = [place for place in PLACES if place not in taken]
    if not free:
        raise DeskRefused(f"{source} has two tokens. Revoke one of them first.")
    token = f"{PREFIX}_{source.pk}_{secrets.token_urlsafe(32)}"
    row = SourceToken.objects.create(
        source=source, kind=source.kind, place=free[0], hash=hashed(token), ending=token[-ENDING:], created_by=actor
    )
    record("source_token_created", source, actor, after={"place": row.place, "ending": row.ending})
    return token


@transaction.atomic
def revoke(row: SourceToken, *, actor: Person) -> SourceToken:
    """Refuse what carries it from now on; revoked already: nothing happens."""
    found = SourceToken.objects.select_for_update(of=("self",)).select_related("source").get(pk=row.pk)
    if found.revoked_at is None:
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        record("source_token_revoked", found.source, actor, before={"place": found.place, "ending": found.ending})
    return found
