"""Adding an alert source."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from incidents.actions import source_tokens, sources
from incidents.actions.refusals import DeskRefused
from incidents.forms.source_new import SourceNewForm
from incidents.views.source_tokens import show_token
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask

ABOUT = Question(
    "Add an alert source",
    "It gets a token, which is shown once. What its severities mean and what its tickets get is set up afterwards.",
    "Add",
    "Cancel",
    page="sources",
    page_title="Alert sources",
)


@requires("incidents.add_source")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Ask for name and kind; a POST makes it with its first token."""
    if request.method != "POST":
        return ask(request, ABOUT, SourceNewForm())
    form = SourceNewForm(request.POST)
    if not form.is_valid():
        return ask(request, ABOUT, form, status=422)
    try:
        with transaction.atomic():
            details = sources.SourceDetails(form.cleaned_data["name"])
            source = sources.create(form.cleaned_data["kind"], details, actor=request.user)
            token = source_tokens.create(source, actor=request.user)
    except DeskRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    except ValidationError as refused:
        form.add_error("name", refused.messages)
    else:
        return show_token(request, source, token)
    return ask(request, ABOUT, form, status=422)
