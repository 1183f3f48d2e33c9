"""What may be done to a source: made, changed, tested."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from incidents.actions.desk import differing, keep, locked, make
from incidents.actions.refusals import DeskRefused
from incidents.actions.storing import keep_body
from incidents.intake.alert import Status
from incidents.intake.catalog import CATALOG
from incidents.models import Category, Delivery, Severity, Source, Tier
from incidents.models.source import usual_severities
from incidents.rules import severities, texts
from zbmaint.access.models import Person
from zbmaint.audit.record import record

# What is no source over HTTP: these words stand on tickets of the product itself, or in our addresses.
RESERVED = frozenset({"maintenance", "probes", "zbmaint", "new", "deliveries", "test"})
MOST_WORDS = 50


@dataclass(frozen=True)
class SourceDetails:
    """What people decide about a source."""

    name: str
    severities: Mapping[str, str] = field(default_factory=usual_severities)
    default_severity: str = Severity.MEDIUM
    category: Category | None = None
    tier: Tier | None = None
    tags: Sequence[str] = ()
    enabled: bool = True

    def facts(self) -> dict[str, Any]:
        """By field. Raises DeskRefused."""
        words = {word.strip().lower(): severity for word, severity in self.severities.items()}
        wrong = [severity for severity in words.values() if severity not in severities.WORST_FIRST]
        if wrong:
            known = ", ".join(severities.WORST_FIRST)
            raise DeskRefused(f"A word means one of {known}, not {wrong[0]!r}.", "severities")
        if len(words) > MOST_WORDS or any(not 0 < len(word) <= 60 for word in words):
            raise DeskRefused(f"At most {MOST_WORDS} words of 60 characters have a meaning.", "severities")
        tags = sorted({texts.tag(name) for name in self.tags if name.strip()})
        for problem in filter(None, map(texts.why_not_tag, tags)):
            raise DeskRefused(problem, "tags")
        if len(tags) > texts.MOST_TAGS:
            raise DeskRefused(f"A ticket has at most {texts.MOST_TAGS} tags, not {len(tags)}.", "tags")
        facts = {name: getattr(self, name) for name in ("default_severity", "category", "tier", "enabled")}
        return {"name": self.name.strip(), "severities": words, "tags": tags, **facts}


def create(kind: str, details: SourceDetails, *, actor: Person | None) -> Source:
    """Make a source; its kind and the short name that follows from its name stay. Raises DeskRefused."""
    if kind not in CATALOG:
        raise DeskRefused(f"A source is of a kind: {', '.join(CATALOG)}.", "kind")
    facts = {"slug": slug_of(details.name), "kind": kind, **details.facts()}
    if Source.objects.filter(slug=facts["slug"]).exists():
        raise DeskRefused(f"There is a source “{facts['slug']}” already.", "name")
    return make(Source(**facts), "source_created", actor=actor, names=facts)


def slug_of(name: str) -> str:
    """The short name for addresses and tickets. Raises DeskRefused for a name that none follows from."""
    slug = slugify(texts.kept(name))[:40].strip("-")
    if not slug or texts.kept(name) != name:
        raise DeskRefused("A name has a letter from a to z or a figure in it: a short name is made of those.", "name")
    if slug in RESERVED:
        raise DeskRefused(f"“{slug}” is what the product calls something of its own. Choose another name.", "name")
    return slug


@transaction.atomic
def change(source: Source, details: SourceDetails, *, actor: Person) -> Source:
    """Change a source; tickets that it has opened stay as they are. Raises DeskRefused, ValidationError."""
    row = locked(source)
    before, after = differing(row, details.facts())
    keep(row, "source_changed", before, after, actor=actor)
    return row


@transaction.atomic
def send_test(source: Source, status: Status, *, actor: Person) -> Delivery:
    """Deliver a test alert in the name of the source, through the same door as its own."""
    body = json.dumps(CATALOG[source.kind].sample(source.slug, status, timezone.now())).encode()
    delivery = keep_body(source.pk, body, "application/json")
    record("source_tested", source, actor, after={"delivery": delivery.pk, "status": status})
    return delivery
