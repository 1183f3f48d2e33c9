"""Django admin as this product uses it: our sign-in, our permissions, our words, nothing that deletes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import ResolverMatch, reverse
from django.utils.decorators import method_decorator

from zbmaint.access.denied import denied
from zbmaint.access.models import Person
from zbmaint.access.views.sign_in import sign_out

USE_ADMIN = "access.use_admin"
# django-q2's pages would let a person run any function; groups have no meaning here; axes keeps addresses.
NOT_OURS = frozenset({"django_q", "auth", "axes"})
VERBS = {"changelist": "view", "history": "view", "add": "add"}
View = Callable[..., HttpResponseBase]


class OperationsAdminSite(AdminSite):
    """The admin site. A page that a role may not open is the product's own 403 page, which says which roles may."""

    site_title = "ZbInnovation Operations"
    site_header = "ZbInnovation Operations"
    index_title = "Administration"
    empty_value_display = "–"

    def register(
        self, model_or_iterable: Any, admin_class: type[ModelAdmin[Any]] | None = None, **options: Any
    ) -> None:
        """Register models, except those of libraries that have no place here."""
        one = isinstance(model_or_iterable, ModelBase)
        given: Iterable[type[Model]] = [model_or_iterable] if one else model_or_iterable
        super().register([model for model in given if model._meta.app_label not in NOT_OURS], admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person may use admin at all; each page asks for its own permission too."""
        return request.user.has_perm(USE_ADMIN)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap a page of admin: refusals name the permission that is missing."""
        inner: View = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if isinstance(request.user, Person) and not self.has_permission(request):
                return denied(request, USE_ADMIN)
            try:
                return inner(request, *args, **kwargs)
            except PermissionDenied:
                asks = getattr(getattr(view, "__self__", None), "asks", {})
                return denied(request, missing(request.resolver_match, writing=request.method == "POST", asks=asks))

        return guarded

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Go to the one sign-in page."""
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out as everywhere."""
        return sign_out(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Go to the one page that changes the password."""
        return redirect("password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Go to the profile, where the message stands."""
        return redirect("profile")


def missing(match: ResolverMatch | None, *, writing: bool, asks: Mapping[str, str]) -> str | None:
    """The permission (`app.codename`) that an admin page asks for; None when nobody has it, as for deleting.

    Admin names its URLs `<app>_<model>_<page>`; pages that are not Django's own change something. `asks` are the
    permissions for `view`, `add` and `change` of pages that ask for others than those of their own model.
    """
    app, _, rest = ((match.url_name if match else None) or "").partition("_")
    model, _, page = rest.rpartition("_")
    if not model or page == "delete":
        return None
    verb = VERBS.get(page, "view" if page == "change" and not writing else "change")
    return asks.get(verb, f"{app}.{verb}_{model}")
