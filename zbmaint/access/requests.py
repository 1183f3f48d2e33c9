"""The request as every view behind `@requires` and `@signed_in` gets it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from zbmaint.access.models import Person


class SignedIn(HttpRequest):
    """A request of a signed-in person. Only names types: LoginRequiredMiddleware and the decorators make it true."""

    user: Person
    htmx: HtmxDetails
