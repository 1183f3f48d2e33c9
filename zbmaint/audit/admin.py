"""The audit log in Django admin: to be read, by nobody to be written."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from zbmaint.audit.models import AuditEntry
from zbmaint.ui import words


class WordsFilter(admin.SimpleListFilter):
    """Filters by a stored word, written as people read it; offers the words that occur."""

    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The words that occur."""
        found = AuditEntry.objects.order_by(self.field).values_list(self.field, flat=True).distinct()
        return [(value, words.label(value.replace(".", " "))) for value in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The entries with the chosen word."""
        return queryset.filter(**{self.field: self.value()}) if self.value() else queryset


class VerbFilter(WordsFilter):
    """By what was done."""

    title, parameter_name = "what was done", "verb"
    field = "verb"


class KindFilter(WordsFilter):
    """By the kind of thing that it was done to."""

    title, parameter_name = "kind", "target_kind"
    field = "target_kind"


class WhoFilter(WordsFilter):
    """By who did it; the product's own doings are under its name."""

    title, parameter_name = "who", "actor_name"
    field = "actor_name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The names that occur, as they are."""
        return [(name, name) for name, _ in super().lookups(request, model_admin)]


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin[AuditEntry]):
    """Who did what, when, from where, and what changed."""

    list_display = ("at", "who", "did", "target", "where")
    list_display_links = ("at",)
    list_filter = (VerbFilter, KindFilter, WhoFilter)
    search_fields = ("actor_name", "target_label", "verb")
    date_hierarchy = "at"
    list_per_page = 50
    # One count of the whole log for each page would be most of its cost.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = ("at", "who", "where", "did", "target", "changes")
    readonly_fields = fields
    actions = None
    change_form_template = "admin/audit/auditentry/change_form.html"

    @admin.display(description="Who", ordering="actor_name")
    def who(self, entry: AuditEntry) -> str:
        """The name that whoever did it had then."""
        return entry.actor_name

    @admin.display(description="Did", ordering="verb")
    def did(self, entry: AuditEntry) -> str:
        """What was done."""
        return words.label(entry.verb)

    @admin.display(description="To", ordering="target_label")
    def target(self, entry: AuditEntry) -> str:
        """What it was done to, by the name that it had then."""
        return entry.target_label

    @admin.display(description="From", ordering="address")
    def where(self, entry: AuditEntry) -> str | None:
        """The address; none for what the product does by itself."""
        return entry.address

    @admin.display(description="Changes")
    def changes(self, entry: AuditEntry) -> SafeString:
        """What was changed, one line a field: before and after."""
        before, after = entry.before or {}, entry.after or {}
        names = [*before, *(name for name in after if name not in before)]
        if not names:
            return format_html("{}", self.get_empty_value_display())
        lines = ((words.label(name), written(before.get(name)), written(after.get(name))) for name in names)
        rows = format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>", lines)
        return format_html(TABLE, rows)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: the product writes the log."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody, not even a role that grants everything; the database refuses it too."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody, not even a role that grants everything; the database refuses it too."""
        return False


TABLE = (
    "<table><thead><tr><th scope='col'>Field</th><th scope='col'>Before</th><th scope='col'>After</th></tr></thead>"
    "<tbody>{}</tbody></table>"
)


def written(value: Any) -> str:
    """A recorded value as people read it: yes and no, lists one below the other, nothing as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "\n".join(map(str, value)) or "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
