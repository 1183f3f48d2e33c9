"""People and roles in Django admin. Everything is saved by actions; nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from zbmaint.access.action_admin import ActionAdmin
from zbmaint.access.actions import people, roles
from zbmaint.access.admin_forms import NewPasswordForm, NewPersonForm, PersonForm, RoleForm
from zbmaint.access.models import Person, Role
from zbmaint.access.powers import Refused
from zbmaint.access.requests import SignedIn


class StandingFilter(admin.SimpleListFilter):
    """People who can sign in, or who are retired."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("active", "Active"), ("retired", "Retired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> QuerySet[Person]:
        """The people of the choice."""
        if self.value() is None:
            return queryset
        return queryset.filter(retired_at__isnull=self.value() == "active")


@admin.register(Person)
class PersonAdmin(ActionAdmin[Person]):
    """People: made, changed, retired, restored, given a password."""

    form = PersonForm
    list_display = ["username", "name", "role", "tier", "standing", "email", "last_login"]
    list_filter = ["role", "tier", StandingFilter]
    list_select_related = ["role"]
    search_fields = ["username", "name", "email"]
    readonly_fields = ["created_at", "last_login", "retired_at"]
    actions = ["retire_people", "restore_people"]
    change_form_template = "admin/access/person/change_form.html"

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Never by password: `?password__startswith=…` would spell the hash out, one character at a time."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    @admin.display(description="Standing", ordering="retired_at")
    def standing(self, person: Person) -> str:
        """Whether the person can sign in, in a word."""
        if person.retired_at is not None:
            return "Retired"
        return "Active" if person.has_usable_password() else "No password yet"

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> Any:
        """Who they are, what they may do, and what happened to them."""
        who: list[Any] = ["username", "name", "email", "time_zone"]
        rows: list[Any] = [(None, {"fields": who}), ("Work", {"fields": ["role", "tier"]})]
        if obj is None:
            who.append("new_password")
            return rows
        return [*rows, ("Record", {"fields": ["created_at", "last_login", "retired_at"]})]

    def get_form(self, request: HttpRequest, obj: Person | None = None, change: bool = False, **kwargs: Any) -> Any:
        """A new person may get a password at once."""
        return super().get_form(request, obj, change, **({"form": NewPersonForm} if obj is None else {}) | kwargs)

    def save_model(self, request: SignedIn, obj: Person, form: PersonForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Make or change the person."""
        if change:
            people.change(obj, form.details(), actor=request.user)
            return
        made = people.create(form.details(), password=form.cleaned_data["new_password"], actor=request.user)
        obj.pk = made.pk

    def get_urls(self) -> list[URLPattern]:
        """Django's pages, and ours before them."""
        own = [
            ("password", self.password_view),
            ("retire", self.retire_view),
            ("restore", self.restore_view),
        ]
        wrap = self.admin_site.admin_view
        named = [path(f"<int:pk>/{name}/", wrap(view), name=f"access_person_{name}") for name, view in own]
        return [*named, *super().get_urls()]

    def _person(self, request: HttpRequest, pk: int) -> Person:
        """The person that a page is about, for somebody who may change people."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        person = Person.objects.filter(pk=pk).select_related("role").first()
        if person is None:
            raise Http404(f"no person {pk}")
        return person

    @method_decorator(sensitive_post_parameters())
    def password_view(self, request: SignedIn, pk: int) -> HttpResponse:
        """Set somebody's password; their sessions end."""
        person = self._person(request, pk)
        form = NewPasswordForm(person, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            new = form.cleaned_data["new_password1"]
            done = f"The password of {person} is set. Their sessions have ended."
            return self._do(request, person, lambda: people.set_password(person, new, actor=request.user), done)
        context = {**self.admin_site.each_context(request), "title": f"Set the password of {person}", "form": form}
        context |= {"opts": self.opts, "original": person}
        return render(request, "admin/access/person/password.html", context, status=422 if form.is_bound else 200)

    def retire_view(self, request: SignedIn, pk: int) -> HttpResponse:
        """Retire the person of the page."""
        person = self._person(request, pk)
        done = f"Retired {person}, who cannot sign in any more. What they did keeps their name."
        return self._do(request, person, lambda: people.retire(person, actor=request.user), done)

    def restore_view(self, request: SignedIn, pk: int) -> HttpResponse:
        """Restore the person of the page."""
        person = self._person(request, pk)
        done = f"Restored {person}, who can sign in again."
        return self._do(request, person, lambda: people.restore(person, actor=request.user), done)

    def _do(self, request: SignedIn, person: Person, action: Callable[[], Person], done: str) -> HttpResponse:
        """Act on POST, say what happened, and go back to the person."""
        if request.method == "POST":
            try:
                messages.success(request, " ".join([done, *action().aftermath]))
            except Refused as refusal:
                messages.error(request, f"Nothing was changed. {refusal}")
        return redirect("admin:access_person_change", person.pk)

    @admin.action(description="Retire selected people", permissions=["change"])
    def retire_people(self, request: SignedIn, chosen: QuerySet[Person]) -> None:
        """Retire each of the chosen, and say who could not be."""
        self._each(request, chosen, people.retire, "retired")

    @admin.action(description="Restore selected people", permissions=["change"])
    def restore_people(self, request: SignedIn, chosen: QuerySet[Person]) -> None:
        """Restore each of the chosen, and say who could not be."""
        self._each(request, chosen, people.restore, "restored")

    def _each(self, request: SignedIn, chosen: QuerySet[Person], action: Callable[..., Person], verb: str) -> None:
        done, aftermath = [], []
        for person in chosen:
            try:
                aftermath += [
                    f"About {person}: {sentence}" for sentence in action(person, actor=request.user).aftermath
                ]
                done.append(person.username)
            except Refused as refusal:
                messages.error(request, f"Not {verb}: {person}. {refusal}")
        if done:
            messages.success(request, f"{verb.capitalize()}: {', '.join(done)}")
        for sentence in aftermath:
            messages.info(request, sentence)


@admin.register(Role)
class RoleAdmin(ActionAdmin[Role]):
    """Roles and what their holders may do."""

    form = RoleForm
    list_display = ["name", "description", "holders", "grants_everything"]
    fieldsets = [
        (None, {"fields": ["key", "name", "description", "rank"]}),
        ("What holders may do", {"fields": ["grants_everything", "permissions"]}),
    ]

    @admin.display(description="People")
    def holders(self, role: Role) -> int:
        """How many people who can sign in have the role."""
        return role.active_people  # type: ignore[attr-defined,no-any-return]  # annotated in get_queryset

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        """Roles with the number of their holders."""
        active = Count("people", filter=Q(people__retired_at__isnull=True))
        return super().get_queryset(request).annotate(active_people=active)

    def get_readonly_fields(self, request: HttpRequest, obj: Role | None = None) -> list[str]:
        """The key stays: scripts and defaults know roles by it."""
        return ["key"] if obj else []

    def save_model(self, request: SignedIn, obj: Role, form: RoleForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Make or change the role."""
        if change:
            roles.change(obj, form.details(), actor=request.user)
        else:
            obj.pk = roles.create(form.details(), actor=request.user).pk
