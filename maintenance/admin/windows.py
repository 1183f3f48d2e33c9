"""Maintenance windows in Django admin: to be read. They are asked for and approved on their page."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from maintenance.admin.reading import ReadOnlyAdmin
from maintenance.models import MaintenanceWindow


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(ReadOnlyAdmin[MaintenanceWindow]):
    """Every window, with who asked for it, who approved it and who withdrew it."""

    list_display = ("reason", "state_now", "begins_at", "ends_at", "service_names", "requested_by", "approved_by")
    list_filter = ("services",)
    list_select_related = ("requested_by", "approved_by")
    search_fields = ("reason",)
    date_hierarchy = "begins_at"
    fields = (
        *("reason", "state_now", "begins_at", "ends_at", "service_names"),
        *("requested_by", "requested_at", "approved_by", "approved_at", "withdrawn_by", "withdrawn_at"),
    )
    readonly_fields = ("state_now", "service_names")

    def has_view_permission(self, request: HttpRequest, obj: MaintenanceWindow | None = None) -> bool:
        """People who may see probes."""
        return request.user.has_perm("maintenance.view_probe")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MaintenanceWindow]:
        """With their services."""
        return super().get_queryset(request).prefetch_related("services")

    @admin.display(description="State")
    def state_now(self, window: MaintenanceWindow) -> str:
        """What is to be said of it now."""
        return str(window.state_at(timezone.now()).label)

    @admin.display(description="Services")
    def service_names(self, window: MaintenanceWindow) -> str:
        """The services that may be down."""
        return ", ".join(service.name for service in window.services.all())
