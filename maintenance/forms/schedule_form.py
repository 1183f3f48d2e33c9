"""The form of a schedule and of its tasks. What they say goes to the actions; nothing is saved here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from maintenance.actions import runs
from maintenance.actions.schedules import Draft, TaskDraft, mark
from maintenance.forms.marked_form import MarkedForm
from maintenance.models import CatchUp, Overlap, Schedule, ScheduledTask, Target
from maintenance.rules import cron
from maintenance.tasks.catalog import CATALOG, choices, title_of
from zbmaint.ui.lines import LinesField, PairsField

WEEK = 7 * 24 * 60
PAUSE = ("paused", "pause_reason", "paused_until")


class ScheduleForm(MarkedForm[Schedule]):
    """What is decided about a schedule; its tasks are forms of their own."""

    paused = forms.BooleanField(required=False, help_text="What is due meanwhile is skipped, with the reason.")

    class Meta:
        model = Schedule
        fields = [
            "name",
            "key",
            "category",
            "rank",
            "when",
            "time_zone",
            "pause_reason",
            "paused_until",
            "overlap",
            "window_from",
            "window_to",
        ]
        labels = {
            "pause_reason": "Reason",
            "paused_until": "Until",
            "rank": "Place in lists",
            "overlap": "If the run before still goes on",
        }
        help_texts = {
            "key": "Short name for addresses. It stays.",
            "when": "Cron (“0 3 * * sun”) or words (“every Sunday at 03:00”, “first Sunday of the month at 04:00”).",
            "time_zone": "The clock that the words mean: UTC, or an IANA name such as Africa/Harare. Pages show UTC.",
            "paused_until": "Starts again by itself at 00:00 UTC of this day.",
            "window_from": "Nothing starts outside the window; what is due then waits, up to its lateness.",
            "window_to": "UTC. A window that ends before it begins goes over midnight. Leave both empty for any time.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "paused" in self.fields:
            self.initial["paused"] = bool(self.instance.pk) and self.instance.is_paused(timezone.now())
        if "when" in self.fields:
            self.fields["when"].widget.attrs |= {"data-preview": reverse("next_times"), "autocomplete": "off"}
            self.fields["overlap"].widget.choices = Overlap.choices

    def mark(self, instance: Schedule) -> str:
        """The mark of a schedule."""
        return mark(instance)

    def clean_when(self) -> str:
        """The text, when it means a time; its error in words otherwise."""
        return self._meaning("when", cron.to_cron)

    def clean_time_zone(self) -> str:
        """The name, when there is such a zone."""
        return self._meaning("time_zone", cron.zone)

    def _meaning(self, name: str, read: Any) -> str:
        given: str = self.cleaned_data[name]
        try:
            read(given)
        except cron.BadTime as problem:
            raise ValidationError(str(problem)) from None
        return given

    def clean(self) -> dict[str, Any] | None:
        """A pause needs its end; a reason for none says that the box was forgotten."""
        given = super().clean() or {}
        if given.get("paused") and not given.get("paused_until"):
            self.add_error("paused_until", "Enter a date, or switch off “Paused”. A pause without an end is forgotten.")
        return given

    @property
    def content_changed(self) -> bool:
        """Whether anything but the pause was changed."""
        return not set(self.changed_data) <= set(PAUSE)

    @property
    def pause_changed(self) -> bool:
        """Whether the pause was changed."""
        return bool(set(self.changed_data) & set(PAUSE))

    def draft(self, tasks: tuple[TaskDraft, ...]) -> Draft:
        """The values for the action."""
        given = self.cleaned_data
        return Draft(
            key=given.get("key") or self.instance.key,
            name=given["name"],
            category=given["category"],
            when=given["when"],
            time_zone=given["time_zone"],
            overlap=given["overlap"],
            window_from=given["window_from"],
            window_to=given["window_to"],
            rank=given["rank"],
            tasks=tasks,
        )


class ScheduledTaskForm(forms.ModelForm[ScheduledTask]):
    """One task of a schedule."""

    task = forms.ChoiceField(choices=())
    parameters = PairsField(
        rows=2, help_text="What differs from the usual, one name=value a line, such as min_dead_tuples=5000."
    )
    lateness_minutes = forms.IntegerField(
        label="Latest start, minutes",
        min_value=1,
        max_value=WEEK,
        initial=60,
        help_text="Not started within these minutes after its time: missed.",
        error_messages={"min_value": "At least 1 minute: with none it could only ever be missed."},
    )
    timeout_minutes = forms.IntegerField(
        label="Time limit, minutes",
        required=False,
        min_value=1,
        max_value=WEEK,
        help_text="Then it is stopped. Empty: the task's own limit.",
    )
    retries = forms.IntegerField(
        min_value=0, max_value=10, initial=0, help_text="More attempts after a failure, within the same run."
    )
    catch_up = forms.ChoiceField(
        choices=CatchUp.choices,
        initial=CatchUp.LATEST,
        widget=forms.RadioSelect(attrs={"class": "radiolist"}),
        help_text="About times that passed while nothing ran. All of them is not offered.",
    )
    lock_groups = LinesField(rows=2, help_text="Names that only one run holds at a time, one a line, such as backup.")
    remove = forms.BooleanField(required=False, label="Remove this task", help_text="Its history stays.")

    class Meta:
        model = ScheduledTask
        fields = [
            "position",
            "task",
            "label",
            "target",
            "parameters",
            "lateness_minutes",
            "timeout_minutes",
            "retries",
            "catch_up",
            "lock_groups",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = choices()
        if self.instance.task and self.instance.task not in dict(known):
            known = [*known, (self.instance.task, f"{self.instance.task} (unknown)")]
        self.fields["task"].choices = [("", "---------"), *known]  # type: ignore[attr-defined]  # a ChoiceField
        target = self.fields["target"]
        if isinstance(target, forms.ModelChoiceField):
            # A retired target that is named already may stay named: its runs say that it is retired.
            target.queryset = Target.objects.active() | Target.objects.filter(pk=self.instance.target_id or 0)

    def clean(self) -> dict[str, Any]:
        """Parameters and target must suit the task."""
        given = super().clean() or {}
        key = given.get("task", "")
        task, parameters = CATALOG.get(key), given.get("parameters") or {}
        if task is None:
            if parameters and key:
                self.add_error("parameters", f"{title_of(key)} takes no parameters in this version.")
            return given
        if not task.needs and given.get("target"):
            self.add_error("target", f"{task.title} works without a target. Leave it empty.")
        try:
            complete = runs.check_parameters(task, parameters)
        except runs.RunRefused as refused:
            self.add_error("parameters", str(refused))
        else:
            given["parameters"] = {name: complete[name] for name in parameters}
        return given

    def draft(self) -> TaskDraft:
        """The values for the action."""
        given = self.cleaned_data
        return TaskDraft(
            task=given["task"],
            label=given["label"],
            target=given["target"],
            parameters=given["parameters"],
            lateness_minutes=given["lateness_minutes"],
            timeout_minutes=given["timeout_minutes"],
            retries=given["retries"],
            catch_up=given["catch_up"],
            lock_groups=given["lock_groups"],
            row=self.instance if self.instance.pk else None,
        )

    @property
    def title(self) -> str:
        """What the task is called."""
        return title_of(self.cleaned_data.get("task", ""))

    @property
    def needs_a_target(self) -> bool:
        """Whether its runs will be not configured, because it names no target."""
        task = CATALOG.get(self.cleaned_data.get("task", ""))
        return task is not None and bool(task.needs) and not self.cleaned_data.get("target")


class ScheduledTaskFormSet(forms.BaseInlineFormSet[ScheduledTask, Schedule, forms.ModelForm[ScheduledTask]]):
    """The tasks of a schedule."""

    @property
    def kept(self) -> list[ScheduledTaskForm]:
        """The forms that say something and are not to be removed, in the order of their positions."""
        ours = [form for form in self.forms if isinstance(form, ScheduledTaskForm)]
        said = [form for form in ours if form.instance.pk or form.has_changed()]
        kept = [form for form in said if not form.cleaned_data.get("remove")]
        return sorted(kept, key=lambda form: form.cleaned_data.get("position") or 0)
