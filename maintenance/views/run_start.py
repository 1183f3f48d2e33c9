"""Start a run: the form, and what becomes of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from maintenance.actions import runs
from maintenance.forms.run_form import RunForm, task_of
from maintenance.models import Origin, Target
from maintenance.models.target import OWN
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("maintenance.start_run")
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")  # or "back" in the browser shows a cached fragment as the page
def run_start(request: SignedIn) -> HttpResponse:
    """Show the form, filled in from the query string; a POST asks for the run and leads to its page."""
    if request.method != "POST":
        return empty_form(request)
    task = task_of(request.POST.get("task"))
    form = RunForm(request.POST, about=task)
    if not form.is_valid():
        return render(request, "maintenance/run_start.html", {"form": form}, status=422)
    try:
        run = runs.request(
            task,
            form.cleaned_data["target"],
            actor=request.user,
            origin=Origin.PERSON,
            parameters=form.parameters,
            dry_run=form.cleaned_data["dry_run"],
        )
    except runs.RunRefused as refused:
        return render(request, "maintenance/run_start.html", {"form": form, "refused": refused}, status=409)
    return redirect(run)


def empty_form(request: SignedIn) -> HttpResponse:
    """The form before anything is sent: the product's own database unless the query string says otherwise."""
    task = task_of(request.GET.get("task"))
    own = Target.objects.active().filter(reference=OWN).values_list("name", flat=True).first()
    form = RunForm(initial={"target": own, **request.GET.dict(), "task": task.key}, about=task)
    fragment = "#form" if request.htmx and not request.htmx.history_restore_request else ""
    return render(request, f"maintenance/run_start.html{fragment}", {"form": form})
