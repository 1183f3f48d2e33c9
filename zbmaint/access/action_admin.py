"""The base of our admin pages: what they save goes through actions, whose refusals stand over the form."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from zbmaint.access.powers import Refused
from zbmaint.audit.record import kind_of

M = TypeVar("M", bound=Model)


class ActionForm(forms.ModelForm[M]):
    """A form whose values an action takes. `refusal` is what the action said when it was tried, about which field."""

    refusal: ClassVar[str] = ""
    refused_field: ClassVar[str] = ""

    def clean(self) -> dict[str, Any] | None:
        """Show the refusal at its field or over the form, with everything that was typed still in it."""
        cleaned = super().clean()
        if self.refusal:
            self.add_error(self.refused_field if self.refused_field in self.fields else None, self.refusal)
        return cleaned


class ActionAdmin(admin.ModelAdmin[M]):
    """Subclasses call an action in `save_model`. Nothing is deleted here, and "History" is the audit log.

    `asks` are the permissions for `view`, `add` and `change`, where they are not those of the model.
    """

    asks: ClassVar[dict[str, str]] = {}

    refusals: ClassVar[tuple[type[Exception], ...]] = (Refused, ValidationError)
    show_facets = admin.ShowFacets.NEVER

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Nobody: what was done must keep its name."""
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form or save it; when the action refuses, show it again with the reason."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except self.refusals as refusal:
            said = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
            request.META[REFUSAL] = {"refusal": said, "refused_field": getattr(refusal, "field", None) or ""}
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form class, knowing what the action has refused in this request."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), request.META.get(REFUSAL, {}))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A choice of another object stands alone, without buttons that lead out of the form."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def response_action(self, request: HttpRequest, queryset: QuerySet[M], *place: Any) -> HttpResponse | None:
        """Do what was chosen with the rows that were chosen; what can be the number of none is refused in words."""
        try:
            for chosen in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(chosen)
        except ValidationError:
            messages.error(request, "What was chosen does not exist, so nothing was done. Choose from the list.")
            return None
        return super().response_action(request, queryset, *place)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: the action has written relations too."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the audit log of this object."""
        query = urlencode({"target_kind": kind_of(self.model), "target_id": object_id})
        return redirect(f"{reverse('admin:audit_auditentry_changelist')}?{query}")


REFUSAL = "zbmaint.refusal"
