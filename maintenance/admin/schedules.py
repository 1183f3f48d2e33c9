"""Schedules in Django admin: form, tasks and pause go through the actions, which check, version and record them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from maintenance.actions import schedules
from maintenance.admin.targets import UseFilter
from maintenance.forms.marked_form import SEEN
from maintenance.forms.schedule_form import ScheduledTaskForm, ScheduledTaskFormSet, ScheduleForm
from maintenance.models import Schedule, ScheduledTask
from maintenance.views.next_times import shown
from zbmaint.access.action_admin import ActionAdmin
from zbmaint.access.requests import SignedIn


class ScheduledTaskInline(admin.StackedInline[ScheduledTask, Schedule]):
    """The tasks of a schedule, in order. One is removed by its box, so that what it did keeps its name."""

    model = ScheduledTask
    form = ScheduledTaskForm
    formset = ScheduledTaskFormSet
    verbose_name = "task"
    verbose_name_plural = "tasks, in order"
    extra = 0
    can_delete = False
    fieldsets = (
        (None, {"fields": (("position", "task"), ("label", "target"))}),
        (
            "Terms",
            {
                "classes": ("collapse",),
                "fields": (
                    "parameters",
                    ("lateness_minutes", "timeout_minutes"),
                    "retries",
                    "catch_up",
                    "lock_groups",
                    "remove",
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduledTask]:
        """Those that are not removed."""
        return super().get_queryset(request).filter(retired_at__isnull=True)

    def get_extra(self, request: HttpRequest, obj: Schedule | None = None, **kwargs: Any) -> int:
        """A new schedule begins with one empty task."""
        return 0 if obj else 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the schedule."""
        return request.user.has_perm("maintenance.view_schedule")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the schedule."""
        return self.has_change_permission(request, obj) or request.user.has_perm("maintenance.add_schedule")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the schedule."""
        return request.user.has_perm("maintenance.change_schedule")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without buttons that lead out of the form."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "target" and field is not None:
            field.widget = field.widget.widget
        return field


@admin.register(Schedule)
class ScheduleAdmin(ActionAdmin[Schedule]):
    """Schedules: made, changed, paused, retired, restored."""

    refusals = (*ActionAdmin.refusals, schedules.ScheduleRefused)
    form = ScheduleForm
    inlines = (ScheduledTaskInline,)
    list_display = ("name", "when", "time_zone", "next_due_at", "paused_until", "error", "retired_at")
    list_filter = (UseFilter, "category")
    search_fields = ("name", "key")
    radio_fields = {"overlap": admin.VERTICAL}
    actions = ("retire", "restore")
    readonly_fields = ("next_times", "error")

    class Media:
        js = (Script("js/next_times.js", type="module"),)

    def get_fieldsets(self, request: HttpRequest, obj: Schedule | None = None) -> Any:
        """The error stands first where there is one."""
        first: tuple[str, ...] = ("name", "key", "category", "rank")
        if obj and self.has_change_permission(request, obj):
            first = (*first, SEEN)
        return (
            (None, {"fields": ("error", *first) if obj and obj.error else first}),
            ("When", {"fields": ("when", "time_zone", "next_times")}),
            ("Pause", {"fields": ("paused", "pause_reason", "paused_until")}),
            ("When it cannot start on time", {"fields": ("overlap", "window_from", "window_to")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Schedule | None = None) -> tuple[str, ...]:
        """The key stays once it is made; `paused` is no column, so who may only read sees reason and date."""
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Schedule | None = None) -> dict[str, Any]:
        """A new schedule gets its key from its name."""
        return {} if obj else {"key": ("name",)}

    @admin.display(description="Next five times")
    def next_times(self, schedule: Schedule) -> SafeString:
        """Due times of the form as it was saved; a script keeps them up with what is typed."""
        paused = schedule.pk and schedule.is_paused(timezone.now())
        return shown(schedule.when, schedule.time_zone, schedule.paused_until if paused else None)

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        """Nothing yet: the action needs the tasks too, which come with `save_related`."""

    def save_related(self, request: SignedIn, form: ScheduleForm, formsets: Any, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Save the schedule with its tasks, then pause or resume it. One refusal undoes all of it."""
        tasks: ScheduledTaskFormSet = formsets[0]
        if change:
            schedules.hold(form.instance, form.cleaned_data[SEEN])
        if not change or form.content_changed or tasks.has_changed() or form.instance.error:
            draft = form.draft(tuple(task.draft() for task in tasks.kept))
            saved = schedules.save(draft, actor=request.user, schedule=form.instance if change else None)
            form.instance.pk = saved.pk
        else:
            saved = form.instance
        if form.pause_changed:
            self._pause(request, saved, form.cleaned_data)
        for task in tasks.kept:
            if task.needs_a_target:
                messages.warning(request, f"{task.title} has no target, so its runs will be “not configured”.")

    def _pause(self, request: SignedIn, schedule: Schedule, given: dict[str, Any]) -> None:
        if given["paused"]:
            reason, until = given["pause_reason"], given["paused_until"]
            schedules.pause(schedule, actor=request.user, reason=reason, until=until)
        elif Schedule.objects.filter(pk=schedule.pk, paused_at__isnull=False).exists():
            schedules.resume(schedule, actor=request.user)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Nothing: the audit log says what changed."""
        return []

    @admin.action(description="Retire: no more due times", permissions=["change"])
    def retire(self, request: SignedIn, queryset: QuerySet[Schedule]) -> None:
        """Retire each schedule."""
        self._each(request, queryset, schedules.retire, "Retired")

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: SignedIn, queryset: QuerySet[Schedule]) -> None:
        """Restore each schedule."""
        self._each(request, queryset, schedules.restore, "Restored")

    def _each(self, request: SignedIn, queryset: QuerySet[Schedule], action: Callable[..., None], word: str) -> None:
        for schedule in queryset:
            action(schedule, actor=request.user)
            messages.success(request, f"{word}: {schedule}.")
