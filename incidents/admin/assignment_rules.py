"""Assignment rules in Django admin, in the order in which they are asked."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from incidents.actions import assignment_rules
from incidents.admin.desk import DeskAdmin
from incidents.forms.rule_form import RuleForm
from incidents.models import AssignmentRule
from zbmaint.access.requests import SignedIn

Assign = AssignmentRule.Assign


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(DeskAdmin[AssignmentRule]):
    """Rules: made, changed, moved, switched on and off."""

    form = RuleForm
    list_display = ("name", "position", "active", "is_for", "gets_it")
    list_filter = ("active", "tier")
    list_select_related = ("tier", "person", "calendar")
    search_fields = ("name",)
    actions = ("earlier", "later", "switch_off", "switch_on")
    fieldsets = (
        (None, {"fields": ("name", "position", "active")}),
        ("Which tickets", {"fields": ("tier", "severities", "categories", "tags", "pattern", "source")}),
        ("When", {"fields": ("when", "calendar")}),
        ("Who", {"fields": ("assign", "person")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssignmentRule]:
        """Rules with their categories."""
        return super().get_queryset(request).prefetch_related("categories")

    @admin.display(description="Which tickets")
    def is_for(self, rule: AssignmentRule) -> str:
        """Its conditions in a line."""
        parts = [
            str(rule.tier or ""),
            " or ".join(rule.severities),
            " or ".join(str(category) for category in rule.categories.all()),
            f"tag {' or '.join(rule.tags)}" if rule.tags else "",
            f"“{rule.pattern}”" if rule.pattern else "",
            f"from {rule.source}" if rule.source else "",
            f"{rule.when} {rule.calendar}" if rule.calendar else "",
        ]
        return "; ".join(filter(None, parts)) or "All"

    @admin.display(description="Who gets it")
    def gets_it(self, rule: AssignmentRule) -> str:
        """The person, and whether they have left; or who else."""
        if rule.assign != Assign.PERSON:
            return "On call" if rule.assign == Assign.ON_CALL else "Least loaded"
        if rule.person is None:
            return "Nobody"
        return str(rule.person) if rule.person.is_active else f"{rule.person}, who has left"

    def save_model(self, request: SignedIn, obj: AssignmentRule, form: RuleForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Make or change the rule."""
        if change:
            assignment_rules.change(obj, form.details(), actor=request.user)
        else:
            obj.pk = assignment_rules.create(form.details(), actor=request.user).pk

    @admin.action(description="Ask one place earlier", permissions=["change"])
    def earlier(self, request: SignedIn, chosen: QuerySet[AssignmentRule]) -> None:
        """Move each up."""
        self.each(request, chosen, lambda row: assignment_rules.move(row, -1, actor=request.user), "Moved up")

    @admin.action(description="Ask one place later", permissions=["change"])
    def later(self, request: SignedIn, chosen: QuerySet[AssignmentRule]) -> None:
        """Move each down, the last first."""
        rows = chosen.order_by("-position", "-id")
        self.each(request, rows, lambda row: assignment_rules.move(row, 1, actor=request.user), "Moved down")

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: SignedIn, chosen: QuerySet[AssignmentRule]) -> None:
        """Let them not be asked."""
        self._switch(request, chosen, on=False)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: SignedIn, chosen: QuerySet[AssignmentRule]) -> None:
        """Let them be asked."""
        self._switch(request, chosen, on=True)

    def _switch(self, request: SignedIn, chosen: QuerySet[AssignmentRule], *, on: bool) -> None:
        word = "Switched on" if on else "Switched off"
        self.each(request, chosen, lambda row: assignment_rules.switch(row, on=on, actor=request.user), word)
