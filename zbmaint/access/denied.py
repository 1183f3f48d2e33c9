"""The 403 page: it says what is missing and which roles have it."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zbmaint.access.models import Role


def roles_with(permission: str) -> list[Role]:
    """The roles that hold `permission` (`app.codename`), lowest rank first."""
    app, _, codename = permission.partition(".")
    holds = Q(permissions__codename=codename, permissions__content_type__app_label=app)
    return list(Role.objects.filter(holds | Q(grants_everything=True)).distinct())


def denied(request: HttpRequest, permission: str) -> HttpResponse:
    """Render the 403 page for a missing `permission`."""
    app, _, codename = permission.partition(".")
    row = Permission.objects.filter(codename=codename, content_type__app_label=app).first()
    context = {"roles": roles_with(permission), "needs": row.name if row else permission}
    return render(request, "403.html", context, status=403)
