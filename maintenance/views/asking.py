"""Questions before something is done: a page without JavaScript, a dialog with it, and the same form in both."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from zbmaint.access.requests import SignedIn


@dataclass(frozen=True)
class Question:
    """`verb` is on the button that does it, `otherwise` on the one that does not and leads to `page` (a URL's name)."""

    question: str
    explains: str
    verb: str
    otherwise: str
    page: str = "schedule"
    page_title: str = "Schedule"


def ask(
    request: SignedIn, question: Question, form: forms.Form, *, refused: Exception | None = None, status: int = 200
) -> HttpResponse:
    """Show the question; with what was `refused`, or what is wrong with the form, as a whole page."""
    context = {**asdict(question), "form": form, "refused": refused}
    template = "maintenance/ask.html#ask" if request.htmx and request.method == "GET" else "maintenance/ask.html"
    return render(request, template, context, status=status)
