"""The audit log in Django admin: to be read, by nobody to be written."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from zbmaint.audit.models import AuditEntry
from zbmaint.ui import words


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin[AuditEntry]):
    """Who did what, when, from where, and what changed."""

    list_display = ["at", "actor_name", "did", "target", "address"]
    list_display_links = ["at"]
    list_filter = ["verb", "target_kind", "actor"]
    search_fields = ["actor_name", "target_label", "verb"]
    date_hierarchy = "at"
    list_per_page = 50
    show_full_result_count = False
    fields = ("at", "actor_name", "address", "did", "target", "changes")
    readonly_fields = ("at", "actor_name", "address", "did", "target", "changes")
    actions = None

    @admin.display(description="Did", ordering="verb")
    def did(self, entry: AuditEntry) -> str:
        """The verb, as people write it."""
        return words.label(entry.verb)

    @admin.display(description="To", ordering="target_label")
    def target(self, entry: AuditEntry) -> str:
        """What it was done to."""
        return f"{words.label(entry.target_kind)} {entry.target_label}"

    @admin.display(description="Changes")
    def changes(self, entry: AuditEntry) -> SafeString:
        """What was changed, one line a field: before and after."""
        before, after = entry.before or {}, entry.after or {}
        names = [*before, *(name for name in after if name not in before)]
        if not names:
            return format_html("{}", self.get_empty_value_display())
        lines = ((words.label(name), written(before.get(name)), written(after.get(name))) for name in names)
        rows = format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>", lines)
        head = "<tr><th scope='col'>Field</th><th scope='col'>Before</th><th scope='col'>After</th></tr>"
        return format_html("<table><thead>" + head + "</thead><tbody>{}</tbody></table>", rows)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: the product writes the log."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody, not even a role that grants everything; the database refuses it too."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody, not even a role that grants everything; the database refuses it too."""
        return False


def written(value: Any) -> str:
    """A recorded value as people read it: yes and no, lists one below the other, nothing as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "\n".join(map(str, value)) or "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
