"""The base of the pages that set up the desk: two permissions for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from incidents.actions.refusals import DeskRefused
from zbmaint.access.action_admin import ActionAdmin
from zbmaint.access.requests import SignedIn

M = TypeVar("M", bound=Model)
SEE, SET_UP = "incidents.view_tier", "incidents.change_tier"


class DeskAdmin(ActionAdmin[M]):
    """Who may see how one tier is set up may see it all; who may set up one may set up all."""

    refusals: ClassVar[tuple[type[Exception], ...]] = (*ActionAdmin.refusals, DeskRefused)
    asks: ClassVar[dict[str, str]] = {"view": SEE, "add": SET_UP, "change": SET_UP}

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Who may see how the tiers are set up."""
        return request.user.has_perm(SEE) or request.user.has_perm(SET_UP)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may set up the tiers."""
        return request.user.has_perm(SET_UP)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Who may set up the tiers."""
        return request.user.has_perm(SET_UP)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for seeing."""
        return self.has_view_permission(request)

    def each(self, request: SignedIn, chosen: QuerySet[M], action: Callable[[M], Any], word: str) -> None:
        """Do `action` to each of the chosen, and say so."""
        for row in chosen:
            try:
                action(row)
            except self.refusals as refused:
                said = " ".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)
                messages.error(request, f"{row}: {said}")
            else:
                messages.success(request, f"{word}: {row}.")
