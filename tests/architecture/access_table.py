"""Who may open what: every URL of the product, and what each role gets there. Add a line for every URL you add.

A line says the route as it stands in `urls.py`, the roles that may, and the status that they get. Everybody else who is
signed in gets 403, and who is not signed in is sent to the sign-in page (302; for JSON and CSV it is 401), unless the
line says otherwise. A URL
may have several lines, one for each method. `Row.about` names the thing whose key fills the route's placeholder: see
`make_things` in test_access_table.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLES = ("viewer", "tier1", "tier2", "tier3", "lead", "manager", "admin")
ALL = frozenset(ROLES)
DESK = frozenset({"tier1", "tier2", "tier3", "lead", "admin"})
WORKERS = frozenset({"tier2", "tier3", "lead", "admin"})
ENGINEERS = frozenset({"tier3", "lead", "admin"})
TOLD = DESK | {"manager"}
OFFICE = frozenset({"lead", "manager", "admin"})
SETTERS = frozenset({"lead", "admin"})
ADMIN = frozenset({"admin"})
NOBODY: frozenset[str] = frozenset()
# What is asked about before it is done to a ticket.
DEEDS = ("edit", "assign", "escalate", "hand-back", "vendor", "pause", "resolve", "close", "reopen", "link")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    route: str
    may: frozenset[str]
    status: int = 200
    method: str = "GET"
    about: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    anonymous: int = 302


def admin_of(
    model: str,
    *,
    see: frozenset[str],
    add: frozenset[str],
    change: frozenset[str],
    history: int = 302,
    about: str = "",
    sent_empty: int = 200,
) -> tuple[Row, ...]:
    """The pages that Django admin has for every model. An empty form that is sent is shown again (200).

    The history of a thing leads to its part of the audit log. `about` is the thing when the model's name is not enough.
    `sent_empty` is 302 where an empty form says something.
    """
    base, name = f"admin/{model}/", about or model.partition("/")[2]
    return (
        Row(base, see),
        Row(f"{base}add/", add),
        Row(f"{base}add/", add, method="POST"),
        Row(f"{base}<path:object_id>/change/", see, about=name),
        Row(f"{base}<path:object_id>/change/", change, sent_empty, method="POST", about=name),
        Row(f"{base}<path:object_id>/history/", see, history, about=name),
        Row(f"{base}<path:object_id>/delete/", NOBODY, about=name),
        Row(f"{base}<path:object_id>/delete/", NOBODY, method="POST", about=name, data={"post": "yes"}),
        Row(f"{base}<path:object_id>/", OFFICE, 302, about=name),
    )


TABLE = (
    # Open to the world
    Row("healthz/live", ALL, anonymous=200),
    Row("healthz/ready", ALL, 503, anonymous=503),  # no worker lives while these tests run
    Row("metrics", ALL, anonymous=200),  # by token or address, whoever is signed in
    Row("metrics", ALL, anonymous=200),  # by token or address, whoever is signed in
    Row("login/", ALL, 302, anonymous=200),
    *(Row(f"hooks/{kind}", ALL, 405, anonymous=405) for kind in ("alertmanager", "generic")),
    *(Row(f"hooks/{kind}", ALL, 401, method="POST", anonymous=401) for kind in ("alertmanager", "generic")),
    # One's own
    Row("", ALL),
    Row("overview/running/", ALL),
    Row("logout/", ALL, 302, method="POST"),
    Row("profile/", ALL),
    Row("profile/", ALL, 422, method="POST"),
    Row("profile/preferences/", ALL, 302, method="POST", data={"theme": "dark"}),
    Row("profile/password/", ALL),
    Row("profile/password/", ALL, 422, method="POST"),
    Row("profile/notices/", ALL),
    Row("profile/notices/", ALL, 422, method="POST"),
    Row("profile/notices/test/", ALL, 302, method="POST"),
    Row("profile/notices/log/", ALL),
    # Notices
    Row("notifications/", TOLD),
    Row("notifications/resend/", ENGINEERS, 404),  # none is given up
    Row("notifications/resend/", ENGINEERS, 302, method="POST"),
    Row("notifications/<uuid:notice_id>/resend/", ENGINEERS, 302, method="POST", about="notice"),
    Row("notifications/<uuid:notice_id>/cancel/", ENGINEERS, 302, method="POST", about="notice"),
    # Maintenance
    Row("kpis/", ALL),
    Row("kpis.json", ALL, anonymous=401),
    Row("kpis.csv", ALL, anonymous=401),
    Row("kpis/charts/<slug:key>.csv", ALL, about="chart", anonymous=401),
    Row("kpis/tables/<slug:key>.csv", ALL, about="kpi_table", anonymous=401),
    Row("kpis/people/<int:person_id>/", ALL, about="person"),
    Row("kpis/<slug:key>/", ALL, about="kpi"),
    Row("runs/", ALL),
    Row("runs/new/", WORKERS),
    Row("runs/new/", WORKERS, 422, method="POST"),
    Row("runs/<int:run_id>/", ALL, about="run"),
    Row("runs/<int:run_id>/progress/", ALL, about="run"),
    Row("runs/<int:run_id>/log/", ALL, 204, about="run"),
    Row("runs/<int:run_id>/log.txt", ALL, about="run"),
    Row("runs/<int:run_id>/report.json", ALL, about="run", anonymous=401),
    Row("runs/<int:run_id>/webhook/", ALL, 286, about="run"),
    Row("runs/<int:run_id>/webhook/resend/", ENGINEERS, 404, method="POST", about="run"),  # it has no notice
    Row("runs/<int:run_id>/cancel/", WORKERS, 302, method="POST", about="run"),
    # Weekly reports
    Row("reports/", ALL),
    Row("reports/<str:week>/", ALL, about="week"),
    Row("reports/<str:week>.json", ALL, about="week", anonymous=401),
    Row("reports/<str:week>.csv", ALL, about="week", anonymous=401),
    Row("reports/<str:week>/send/", OFFICE, about="week"),
    Row("reports/<str:week>/send/", OFFICE, 422, method="POST", about="week"),
    # Findings
    Row("findings/", ALL),
    Row("findings/<int:finding_id>/", ALL, about="finding"),
    Row("findings/<int:finding_id>/accept/", ENGINEERS, about="finding"),
    Row("findings/<int:finding_id>/accept/", ENGINEERS, 422, method="POST", about="finding"),
    Row("findings/<int:finding_id>/reopen/", ENGINEERS, 302, method="POST", about="finding"),
    # Health
    Row("health/", ALL),
    Row("health/live/", ALL),
    Row("health/report/", WORKERS, 302, method="POST"),
    Row("health/<int:probe_id>/", ALL, about="probe"),
    Row("health/reports/<int:report_id>/", ALL, about="report"),
    Row("health/reports/<int:report_id>.json", ALL, about="report", anonymous=401),
    # The schedule
    Row("schedule/", ALL),
    Row("schedule/live/", ALL),
    Row("schedule/next-times/", ALL),
    Row("schedule/<slug:key>/pause/", ENGINEERS, about="key"),
    Row("schedule/<slug:key>/pause/", ENGINEERS, 422, method="POST", about="key"),
    Row("schedule/<slug:key>/resume/", ENGINEERS, 302, method="POST", about="key"),
    Row("schedule/tasks/<int:task_id>/run/", WORKERS, 302, method="POST", about="scheduledtask"),
    Row("schedule/tasks/<int:task_id>/skip/<int:stamp>/", ENGINEERS, about="due"),
    Row("schedule/tasks/<int:task_id>/skip/<int:stamp>/", ENGINEERS, 422, method="POST", about="due"),
    Row("schedule/occurrences/<int:occurrence_id>/take-back/", ENGINEERS, 302, method="POST", about="occurrence"),
    Row("schedule/freezes/new/", ENGINEERS),
    Row("schedule/freezes/new/", ENGINEERS, 422, method="POST"),
    Row("schedule/freezes/<int:freeze_id>/lift/", ENGINEERS, about="freeze"),
    Row("schedule/freezes/<int:freeze_id>/lift/", ENGINEERS, 302, method="POST", about="freeze"),
    # Maintenance windows
    Row("health/windows/", ALL),
    Row("health/windows/new/", WORKERS),
    Row("health/windows/new/", WORKERS, 422, method="POST"),
    Row("health/windows/<int:window_id>/approve/", OFFICE, about="window"),
    Row("health/windows/<int:window_id>/approve/", OFFICE, 302, method="POST", about="window"),
    Row("health/windows/<int:window_id>/withdraw/", WORKERS, about="window"),
    Row("health/windows/<int:window_id>/withdraw/", WORKERS, 302, method="POST", about="window"),
    # The queue
    Row("queue/", ALL),
    Row("queue.csv", ALL, anonymous=401),
    Row("queue/<str:tab>/", ALL, about="queue"),
    Row("queue/views/", ALL),
    Row("queue/views/new/", ALL),
    Row("queue/views/new/", ALL, 302, method="POST", data={"name": "Mine", "tab": "mine"}),
    Row("queue/views/<int:pk>/remove/", ALL, 404, about="view"),  # of somebody else
    Row("queue/views/<int:pk>/remove/", ALL, 404, method="POST", about="view"),
    Row("tickets/bulk/<str:deed>/", DESK, about="deed"),
    Row("tickets/bulk/<str:deed>/", DESK, 302, method="POST", about="deed"),  # without a ticket
    Row("queue/<str:tab>/changes/", ALL, 422, about="queue"),  # of a page that says nothing of what it shows
    # Alert sources
    Row("sources/", ALL),
    Row("sources/new/", SETTERS),
    Row("sources/new/", SETTERS, 422, method="POST"),
    Row("sources/deliveries/<int:delivery_id>/again/", SETTERS, 302, method="POST", about="delivery"),
    Row("sources/deliveries/<int:delivery_id>/dismiss/", SETTERS, 302, method="POST", about="delivery"),
    Row("sources/<slug:slug>/", ALL, about="slug"),
    Row("sources/<slug:slug>/test/", SETTERS, 302, method="POST", about="slug"),
    Row("sources/<slug:slug>/tokens/", SETTERS, method="POST", about="slug"),
    Row("sources/<slug:slug>/tokens/<int:token_id>/revoke/", SETTERS, about="token"),
    Row("sources/<slug:slug>/tokens/<int:token_id>/revoke/", SETTERS, 302, method="POST", about="token"),
    # Tickets
    Row("tickets/new/", DESK),
    Row("tickets/new/", DESK, 422, method="POST"),
    Row("tickets/new/like/", DESK),
    Row("tickets/<int:number>/", ALL, about="number"),
    Row("tickets/<int:number>/clocks/", ALL, about="number"),
    Row("tickets/<int:number>/alerts/", ALL, about="number"),
    Row("tickets/<int:number>/activity/", ALL, about="number"),
    Row("tickets/<int:number>/comments/", DESK, 422, method="POST", about="number"),
    *(Row(f"tickets/<int:number>/{deed}/", DESK, about="number") for deed in DEEDS),
    *(Row(f"tickets/<int:number>/{deed}/", DESK, 422, method="POST", about="number") for deed in DEEDS),
    Row("tickets/<int:number>/claim/", DESK, 302, method="POST", about="number"),
    Row("tickets/<int:number>/resume/", DESK, 302, method="POST", about="number"),
    Row("tickets/<int:number>/notices/", ALL, about="number"),
    # A link in a message: whoever has it is whom it names. Here it is none of ours.
    Row("tickets/acknowledge/<str:token>/", ALL, 404, about="key", anonymous=404),
    Row("tickets/acknowledge/<str:token>/", ALL, 404, method="POST", about="key", anonymous=404),
    Row("tickets/<int:number>/watch/", ALL, 302, method="POST", about="number"),
    Row("tickets/<int:number>/unwatch/", ALL, 302, method="POST", about="number"),
    Row("tickets/vendors/<int:escalation_id>/seen/", OFFICE, 302, method="POST", about="vendor"),
    # Django admin
    Row("admin/", OFFICE),
    Row("admin/login/", ALL, 302),
    Row("admin/logout/", OFFICE, 302, method="POST"),
    Row("admin/password_change/", OFFICE, 302),
    Row("admin/password_change/done/", OFFICE, 302),
    Row("admin/autocomplete/", NOBODY),
    Row("admin/jsi18n/", OFFICE),
    Row("admin/r/<path:content_type_id>/<path:object_id>/", OFFICE, 302, about="shortcut"),
    Row("admin/^(?P<app_label>access|audit|notifications|incidents|maintenance)/$", OFFICE, about="app"),
    Row("admin/(?P<url>.*)$", OFFICE, 404, about="nothing"),
    *admin_of("access/person", see=OFFICE, add=ADMIN, change=ADMIN),
    Row("admin/access/person/<int:pk>/password/", ADMIN, about="person"),
    Row("admin/access/person/<int:pk>/password/", ADMIN, 422, method="POST", about="person"),
    Row("admin/access/person/<int:pk>/retire/", ADMIN, 302, method="POST", about="person"),
    Row("admin/access/person/<int:pk>/restore/", ADMIN, 302, method="POST", about="person"),
    *admin_of("access/role", see=OFFICE, add=ADMIN, change=ADMIN),
    *admin_of("audit/auditentry", see=OFFICE, add=NOBODY, change=NOBODY, history=200),
    *admin_of("notifications/notice", see=OFFICE, add=NOBODY, change=NOBODY),
    *admin_of("incidents/ticket", see=OFFICE, add=NOBODY, change=NOBODY, history=200),
    *admin_of("incidents/tier", see=OFFICE, add=NOBODY, change=SETTERS),
    *admin_of("incidents/calendar", see=OFFICE, add=SETTERS, change=SETTERS),
    *admin_of("incidents/category", see=OFFICE, add=SETTERS, change=SETTERS, about="ticketcategory"),
    *admin_of("incidents/assignmentrule", see=OFFICE, add=SETTERS, change=SETTERS),
    *admin_of("incidents/stakeholder", see=OFFICE, add=SETTERS, change=SETTERS),
    *admin_of("incidents/noticeminimum", see=OFFICE, add=SETTERS, change=SETTERS),
    *admin_of("incidents/responder", see=OFFICE, add=SETTERS, change=SETTERS, sent_empty=302),
    *admin_of("incidents/source", see=OFFICE, add=SETTERS, change=SETTERS),
    *admin_of("maintenance/target", see=OFFICE, add=ADMIN, change=ADMIN),
    *admin_of("maintenance/probe", see=OFFICE, add=ADMIN, change=ADMIN),
    *admin_of("maintenance/outage", see=OFFICE, add=NOBODY, change=NOBODY, history=200),
    *admin_of("maintenance/maintenancewindow", see=OFFICE, add=NOBODY, change=NOBODY, history=200),
    *admin_of("maintenance/schedule", see=OFFICE, add=ADMIN, change=ADMIN),
    *admin_of("maintenance/category", see=OFFICE, add=NOBODY, change=ADMIN),
    *admin_of("maintenance/scheduleversion", see=OFFICE, add=NOBODY, change=NOBODY, history=200),
    *admin_of("maintenance/occurrence", see=OFFICE, add=NOBODY, change=NOBODY, history=200),
    *admin_of("maintenance/freeze", see=OFFICE, add=NOBODY, change=NOBODY, history=200),
)
