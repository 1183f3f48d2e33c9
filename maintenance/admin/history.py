"""Versions, occurrences and freezes in Django admin: to be read."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from maintenance.admin.reading import ReadOnlyAdmin
from maintenance.models import Freeze, Occurrence, ScheduleVersion
from zbmaint.ui.words import label


@admin.register(ScheduleVersion)
class ScheduleVersionAdmin(ReadOnlyAdmin[ScheduleVersion]):
    """What a schedule said from when on."""

    list_display = ("schedule", "number", "in_force_from", "made_by")
    list_filter = ("schedule",)
    list_select_related = ("schedule", "made_by")
    fields = ("schedule", "number", "in_force_from", "made_by", "said")
    readonly_fields = ("said",)

    @admin.display(description="Said")
    def said(self, version: ScheduleVersion) -> SafeString:
        """The content, one line a field; its tasks in order."""
        plain = [(label(key), value) for key, value in version.content.items() if key != "tasks"]
        tasks = [("Task", f"{task['label'] or task['task']}") for task in version.content.get("tasks", [])]
        rows = format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td></tr>", [*plain, *tasks])
        return format_html("<table><tbody>{}</tbody></table>", rows)


@admin.register(Occurrence)
class OccurrenceAdmin(ReadOnlyAdmin[Occurrence]):
    """One due time of one task, and what became of it."""

    list_display = ("due_at", "schedule", "scheduled_task", "state", "reason", "decided_at", "run")
    list_filter = ("state", "schedule")
    list_select_related = ("schedule", "scheduled_task", "run")
    date_hierarchy = "due_at"
    ordering = ("-due_at", "position")
    exclude = ("position",)


@admin.register(Freeze)
class FreezeAdmin(ReadOnlyAdmin[Freeze]):
    """Freezes, past and coming. They are made and lifted on the schedule page."""

    list_display = ("reason", "everything", "begins_at", "ends_at", "made_by", "lifted_at")
    list_select_related = ("made_by",)
