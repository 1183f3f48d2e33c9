"""What is said while a new ticket is being written: tickets like it, and how soon it will be answered."""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import BooleanField, Case, Q, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incidents.models import Category, ResponseTarget, Severity, Ticket, Tier
from incidents.rules import pausing, similar, texts, tiers
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

MOST = 5


@requires("incidents.add_ticket")
@require_GET
def like(request: SignedIn) -> HttpResponse:
    """Open tickets like `title`, those of the same category first, and the response target as a hint."""
    given = request.GET
    title = given.get("title", "")
    category = Category.objects.filter(key=given.get("category", "")).first()
    context = {
        "similar": find(texts.kept(title[: texts.LONGEST_TITLE]), category),
        "hint": promise(given.get("severity", ""), given.get("tier", ""), category),
        "oob": True,
    }
    return render(request, "incidents/ticket_new.html#told", context)


def find(title: str, category: Category | None) -> list[Ticket]:
    """Unfinished tickets whose title is like `title`, the most like it first."""
    words = similar.query(title)
    if not words:
        return []
    query = SearchQuery(words, search_type="raw", config="english")
    vector = SearchVector("title", config="english")
    same = When(Q(category=category), then=Value(True)) if category else When(pk__isnull=True, then=Value(True))
    found = Ticket.objects.unfinished().annotate(
        said=vector,
        rank=SearchRank(vector, query),
        same=Case(same, default=Value(False), output_field=BooleanField()),
    )
    matching = found.filter(said=query).select_related("tier", "assignee")
    return list(matching.order_by("-same", "-rank", "-number")[:MOST])


def promise(severity: str, tier: str, category: Category | None) -> str:
    """How soon a ticket like this is answered, in a sentence; empty for what does not exist."""
    numbers = {str(number): number for number in tiers.NUMBERS}
    number = numbers.get(tier) or (category.first_tier_id if category else None) or tiers.FIRST
    if severity not in Severity.values:
        return ""
    answers = Tier.objects.existing(number)
    target = ResponseTarget.objects.existing(answers, severity)
    hours = f", counted in its hours ({answers.calendar})" if answers.calendar else ""
    within = pausing.in_hours(target.response)
    return f"{Severity(severity).label}: {str(answers).lower()} responds within {within}{hours}."
