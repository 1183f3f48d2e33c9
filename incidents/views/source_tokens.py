"""The tokens of an alert source: made and shown once, revoked."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions import source_tokens
from incidents.actions.refusals import DeskRefused
from incidents.models import Source, SourceToken
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask
from zbmaint.ui.words import moment


@requires("incidents.change_source")
@require_POST
def make(request: SignedIn, slug: str) -> HttpResponse:
    """Make a token, and show it this once."""
    source = get_object_or_404(Source, slug=slug)
    try:
        token = source_tokens.create(source, actor=request.user)
    except DeskRefused as refused:
        messages.warning(request, str(refused))
        return redirect(source)
    return show_token(request, source, token)


@requires("incidents.change_source")
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: SignedIn, slug: str, token_id: int) -> HttpResponse:
    """Ask once more; a POST revokes it."""
    row = get_object_or_404(SourceToken.objects.select_related("source"), source__slug=slug, pk=token_id)
    used = f"It was used last {moment(row.last_used_at)}." if row.last_used_at else "It was never used."
    others = row.source.tokens.filter(revoked_at__isnull=True).exclude(pk=row.pk).exists()
    rest = "The other token stays valid." if others else "The source has no other token."
    about = Question(
        f"Revoke token {row.place} of {row.source}?",
        f"{used} From now on alerts that carry it are refused. {rest}",
        "Revoke",
        "Keep it",
        page=row.source.get_absolute_url(),
        page_title=row.source.name,
    )
    if request.method != "POST":
        return ask(request, about, forms.Form())
    source_tokens.revoke(row, actor=request.user)
    messages.success(request, f"Token {row.place}, which ends in {row.ending}, is revoked.")
    return redirect(row.source)


@never_cache
def show_token(request: SignedIn, source: Source, token: str) -> HttpResponse:
    """The page with the token that was just made."""
    return render(request, "incidents/source_token.html", {"source": source, "token": token})
