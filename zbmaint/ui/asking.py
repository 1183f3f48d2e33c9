"""Questions before something is done: a page without JavaScript, a dialog with it, and the same form in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render, resolve_url

from zbmaint.access.requests import SignedIn


@dataclass(frozen=True)
class Question:
    """`verb` is on the button that does it, `otherwise` on the one that does not and leads to `page`.

    `page` is a URL's name or a path.
    """

    question: str
    explains: str
    verb: str
    otherwise: str
    page: str = "schedule"
    page_title: str = "Schedule"


def ask(
    request: SignedIn,
    question: Question,
    form: forms.Form,
    *,
    refused: Exception | None = None,
    changes: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Show the question; with what was `refused`, or what is wrong with the form, as a whole page.

    `changes` are lines about what others have changed meanwhile.
    """
    page = resolve_url(question.page)
    context = {**asdict(question), "page": page, "form": form, "refused": refused, "changes": changes}
    template = "ui/ask.html#ask" if request.htmx and request.method == "GET" else "ui/ask.html"
    return render(request, template, context, status=status)
