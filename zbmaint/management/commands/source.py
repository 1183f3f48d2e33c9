"""`manage.py source NAME --kind KIND`: makes an alert source, or gives it a second token."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from incidents.actions import source_tokens, sources
from incidents.actions.refusals import DeskRefused
from incidents.intake.catalog import CATALOG
from incidents.models import Source

USAGE = 2


class Command(BaseCommand):
    """The token goes to stdout, alone and this once; what is said about it goes to stderr."""

    help = "Makes an alert source, or gives it a second token. Prints the token alone on stdout, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """The source."""
        parser.add_argument("name", metavar="NAME", help="name of the source, such as monitoring")
        parser.add_argument("--kind", required=True, choices=list(CATALOG), help="what it sends")

    def handle(self, *_: Any, **options: Any) -> None:
        """Make what is missing, and print the token."""
        name, kind = options["name"].strip(), options["kind"]
        try:
            with transaction.atomic():
                source, made = _source(name, kind)
                token = source_tokens.create(source, actor=None)
        except DeskRefused as refused:
            raise CommandError(str(refused), returncode=USAGE) from None
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages), returncode=USAGE) from None
        said = "is a new source" if made else "has a second token"
        self.stderr.write(f"{source} {said}. It delivers to /hooks/{source.kind}; its page is /sources/{source.slug}/.")
        self.stdout.write(token)


def _source(name: str, kind: str) -> tuple[Source, bool]:
    """The source of this name, and whether it was made now. Raises DeskRefused for one of another kind."""
    slug = sources.slug_of(name)
    found = Source.objects.filter(slug=slug).first()
    if found is None:
        return sources.create(kind, sources.SourceDetails(name), actor=None), True
    if found.kind != kind:
        raise DeskRefused(f"{found} is a source of the kind {found.kind}, not {kind}.")
    return found, False
