"""Probes and outages in Django admin: probes go through the actions, outages are to be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from maintenance.actions import probes
from maintenance.admin.reading import ReadOnlyAdmin
from maintenance.admin.targets import UseFilter
from maintenance.forms.marked_form import SEEN as SEEN_MARK
from maintenance.forms.probe_form import ProbeForm, fields_of
from maintenance.models import Outage, Probe
from maintenance.probes.catalog import KINDS, choices, title_of
from maintenance.rules import probe_states
from zbmaint.access.action_admin import ActionAdmin
from zbmaint.access.requests import SignedIn
from zbmaint.ui.templatetags.ui import relative_time
from zbmaint.ui.words import duration, label

DECIDED = ("name", "kind", "target", "severity")
AIMS = ("component", ("critical", "slo_percent"))
TIMES = (("interval_seconds", "timeout_seconds"), ("confirmations", "slow_ms"))
PLANNED = ("planned_until", "planned_reason")
MOST_LOOKS = 3
SEEN = ("state_now", "since", "last_reading", "last_reason")


class KindFilter(admin.SimpleListFilter):
    """Probes of one kind."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every kind."""
        return choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Probe]) -> QuerySet[Probe]:
        """The probes of the kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Probe)
class ProbeAdmin(ActionAdmin[Probe]):
    """Probes: made, changed, paused, resumed, retired, restored; with what was read last."""

    refusals = (*ActionAdmin.refusals, probes.ProbeRefused)
    form = ProbeForm
    list_display = ("name", "state_now", "since", "last_reading", "last_reason", "kind_title", "place", "every")
    list_filter = (KindFilter, UseFilter)
    list_select_related = ("target",)
    search_fields = ("name",)
    actions = ("look_now", "pause", "resume", "retire", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Probe]:
        """Every probe, with whether a maintenance window of it holds."""
        return super().get_queryset(request).with_windows(timezone.now())  # type: ignore[attr-defined,no-any-return]  # of the model's own kind

    def get_fieldsets(self, request: HttpRequest, obj: Probe | None = None) -> Any:
        """What all kinds have, and the parameters: those of its kind, or of each before there is one."""
        own = [KINDS[obj.kind]] if obj and obj.kind in KINDS else [] if obj else list(KINDS.values())
        parameters = [
            (
                kind.title if obj else f"Only for {kind.title}",
                # The kind that a new one has unless another is chosen stands open.
                {"fields": fields_of(kind), "classes": ("collapse",) if kind in own[1:] else ()},
            )
            for kind in own
            if kind.parameters
        ]
        if obj and parameters and not self.has_change_permission(request, obj):
            # Without a form a field that is none of the model's has no value.
            parameters = [(title_of(obj.kind), {"fields": ("asked",)})]
        decided: tuple[str, ...] = ("name", "kind_title", *DECIDED[2:]) if obj else DECIDED
        if obj and self.has_change_permission(request, obj):
            decided = (*decided, SEEN_MARK)
        sets = [
            (None, {"fields": decided}),
            *parameters,
            ("How often", {"fields": TIMES}),
            ("Uptime", {"fields": AIMS}),
        ]
        sets.append(("Planned work", {"fields": PLANNED, "classes": ("collapse",)}))
        return [*sets, ("Seen", {"fields": SEEN})] if obj else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Probe | None = None) -> Any:
        """What the prober says; all of it for who may only look."""
        return ("kind_title", "asked", *SEEN)

    def save_model(self, request: SignedIn, obj: Probe, form: ProbeForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Make or change the probe."""
        if change:
            probes.change(obj, form.details(), actor=request.user, seen=form.cleaned_data[SEEN_MARK])
        else:
            obj.pk = probes.create(form.details(), actor=request.user).pk

    @admin.display(description="Kind", ordering="kind")
    def kind_title(self, probe: Probe) -> str:
        """What people call its kind."""
        return title_of(probe.kind)

    @admin.display(description="Parameters")
    def asked(self, probe: Probe) -> SafeString:
        """What it is asked, in words."""
        kind = KINDS[probe.kind]
        rows = [(each.label, probe.parameters.get(each.name, "–")) for each in kind.parameters]
        return format_html_join(mark_safe("<br>"), "{}: {}", rows)

    @admin.display(description="What")
    def place(self, probe: Probe) -> str:
        """What is looked at, in a few words."""
        kind = KINDS.get(probe.kind)
        return (kind.place(probe.parameters) if kind else "") or str(probe.target or "–")

    @admin.display(description="State", ordering="state")
    def state_now(self, probe: Probe) -> str:
        """The state as it is to be believed now."""
        if probe.retired_at is not None:
            return "Retired"
        now = timezone.now()
        state = label(probe.state_at(now))
        if probe.failures and state in map(label, probe_states.WORKING):
            return f"{state}, {probe.failures} failed"
        return state

    @admin.display(description="Since", ordering="state_since")
    def since(self, probe: Probe) -> SafeString | str:
        """Since when the state has held; nothing of one that people decided or that is too old."""
        held = probe.state_at(timezone.now()) == probe.state and probe.retired_at is None
        return relative_time(probe.state_since) if held else "–"

    @admin.display(description="Last reading", ordering="last_at")
    def last_reading(self, probe: Probe) -> SafeString | str:
        """When it was read last, and how long that took, or that it is too old to be believed."""
        if probe.last_at is None:
            return "None yet"
        fresh = probe_states.is_fresh(probe.standing, probe.terms, timezone.now())
        says = f"took {probe.last_ms or 0:,} ms" if fresh else "too old to say anything"
        return format_html("{}, {}", relative_time(probe.last_at), says)

    @admin.display(description="Every", ordering="interval_seconds")
    def every(self, probe: Probe) -> str:
        """Its interval."""
        return duration(probe.interval_seconds)

    @admin.action(description="Look now, from this web server", permissions=["change"])
    def look_now(self, request: HttpRequest, queryset: QuerySet[Probe]) -> None:
        """Say what each of a few probes sees now; nothing is stored."""
        chosen = list(queryset.select_related("target")[: MOST_LOOKS + 1])
        if len(chosen) > MOST_LOOKS:
            messages.error(request, f"Choose at most {MOST_LOOKS}: each may take its time.")
            return
        for probe in chosen:
            seen = probes.look(probe)
            level = messages.SUCCESS if seen.state == probe_states.UP else messages.WARNING
            messages.add_message(request, level, f"{probe}: {seen.state}. {seen.reason}".strip())

    @admin.action(description="Pause: look no more", permissions=["change"])
    def pause(self, request: SignedIn, queryset: QuerySet[Probe]) -> None:
        """Pause each probe."""
        self._each(request, queryset, probes.pause, "Paused")

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: SignedIn, queryset: QuerySet[Probe]) -> None:
        """Resume each probe."""
        self._each(request, queryset, probes.resume, "Resumed")

    @admin.action(description="Retire: look no more for good", permissions=["change"])
    def retire(self, request: SignedIn, queryset: QuerySet[Probe]) -> None:
        """Retire each probe."""
        self._each(request, queryset, probes.retire, "Retired")

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: SignedIn, queryset: QuerySet[Probe]) -> None:
        """Restore each probe."""
        self._each(request, queryset, probes.restore, "Restored")

    def _each(self, request: SignedIn, queryset: QuerySet[Probe], action: Callable[..., Probe], word: str) -> None:
        for probe in queryset:
            action(probe, actor=request.user)
            messages.success(request, f"{word}: {probe}.")


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin[Outage]):
    """When what was down, and for how long."""

    list_display = ("started_at", "probe", "ended_at", "lasted", "reason")
    list_filter = ("probe",)
    list_select_related = ("probe",)
    date_hierarchy = "started_at"
    fields = ("probe", "started_at", "confirmed_at", "ended_at", "lasted", "reason")
    readonly_fields = ("lasted",)

    def has_view_permission(self, request: HttpRequest, obj: Outage | None = None) -> bool:
        """People who may see probes."""
        return request.user.has_perm("maintenance.view_probe")

    @admin.display(description="Length")
    def lasted(self, outage: Outage) -> str:
        """How long it lasted."""
        return duration(outage.length) if outage.length is not None else "Goes on"
