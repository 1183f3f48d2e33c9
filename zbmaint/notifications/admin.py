"""Notices in Django admin: to be read, sent again, cancelled."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from zbmaint.access.action_admin import ActionAdmin
from zbmaint.access.models import Person
from zbmaint.access.requests import SignedIn
from zbmaint.notifications.actions import notices
from zbmaint.notifications.models import Notice


@admin.register(Notice)
class NoticeAdmin(ActionAdmin[Notice]):
    """The outbox: what leaves the product, and what became of it."""

    list_display = ("created_at", "topic", "state", "attempts", "last_error", "next_attempt_at")
    list_filter = ("state", "transport", "kind")
    search_fields = ("id", "topic", "event")
    date_hierarchy = "created_at"
    show_full_result_count = False
    list_per_page = 50
    actions = ("resend", "cancel")
    fields = (
        *("id", "kind", "topic", "event", "transport", "recipient", "occurred_at", "state", "attempts"),
        *("last_status", "last_error", "created_at", "next_attempt_at", "give_up_at", "settled_at", "worker"),
        *("lease_until", "payload"),
    )
    readonly_fields = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        """Without payloads, which may be large; the page of one notice reads its own."""
        return super().get_queryset(request).defer("payload")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: the product itself posts."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Nobody: what was posted is what is sent."""
        return False

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Who may send again or cancel."""
        return request.user.has_perm("notifications.resend_notice")

    @admin.action(description="Send selected notices again", permissions=["resend"])
    def resend(self, request: SignedIn, chosen: QuerySet[Notice]) -> None:
        """Send each of the chosen again, and say which could not be."""
        self._each(request, chosen, notices.resend, "queued again")

    @admin.action(description="Cancel selected notices that wait", permissions=["resend"])
    def cancel(self, request: SignedIn, chosen: QuerySet[Notice]) -> None:
        """Cancel each of the chosen, and say which could not be."""
        self._each(request, chosen, notices.cancel, "cancelled")

    def _each(
        self,
        request: SignedIn,
        chosen: QuerySet[Notice],
        action: Callable[[Notice, Person | None], Notice],
        verb: str,
    ) -> None:
        done = 0
        for notice in chosen:
            try:
                action(notice, request.user)
                done += 1
            except notices.NoticeRefused as refusal:
                messages.error(request, f"Not {verb}: {notice}. {refusal}")
        if done:
            messages.success(request, f"{done} notice{'s' if done > 1 else ''} {verb}.")
