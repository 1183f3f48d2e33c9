"""The 403 page: it says what is missing and which roles have it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zbmaint.access.models import Person, Role
from zbmaint.access.permissions import words_for
from zbmaint.ui.problems import is_of_file, problem


def roles_with(permission: str) -> list[Role]:
    """The roles that hold `permission` (`app.codename`), lowest rank first."""
    return list(Role.objects.holding(permission).distinct())


def denied(request: HttpRequest, permission: str | None) -> HttpResponse:
    """Answer 403 for a missing `permission` (None: nobody may do this): a page, a toast for htmx, or a problem where
    JSON or CSV was asked for."""
    words = words_for(permission) if permission else ""
    roles = [role.name for role in roles_with(permission)] if permission else []
    if is_of_file(request):
        may = f"It is for people who may {words}. Roles that may: {', '.join(roles) or 'none'}."
        return problem(403, "Not yours to read", may if words else "Nobody may do this here, whatever their role.")
    own_role = request.user.role.name if isinstance(request.user, Person) else ""
    context = {"words": words, "roles": roles, "own_role": own_role}
    template = "access/denied_toast.html" if request.headers.get("HX-Request") else "403.html"
    return render(request, template, context, status=403)
