"""The permissions that mean something in this product, in words. Roles are made of these and no others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Permissions that belong together: `app.codename` and what it lets a person do, after "may"."""

    title: str
    permissions: tuple[tuple[str, str], ...]


GROUPS = (
    Group(
        "Tickets",
        (
            ("incidents.view_ticket", "see tickets"),
            ("incidents.add_ticket", "open tickets"),
            ("incidents.change_ticket", "work on tickets"),
            ("incidents.view_vendorescalation", "be told of tickets that go to a vendor"),
            ("incidents.view_tier", "see how the tiers are set up"),
            ("incidents.change_tier", "set up tiers, targets, calendars, rules, categories and who is on call"),
        ),
    ),
    Group(
        "Alerting",
        (
            ("incidents.view_source", "see alert sources and what they delivered"),
            ("incidents.add_source", "add alert sources"),
            ("incidents.change_source", "set up alert sources, test them, make and revoke their tokens"),
        ),
    ),
    Group(
        "Maintenance",
        (
            ("maintenance.view_run", "see runs and their reports"),
            ("maintenance.start_run", "start runs"),
            ("maintenance.cancel_run", "cancel runs"),
            ("maintenance.view_finding", "see findings"),
            ("maintenance.accept_finding", "accept findings until a date"),
        ),
    ),
    Group(
        "Schedules",
        (
            ("maintenance.view_schedule", "see the schedule"),
            ("maintenance.pause_schedule", "pause and resume schedules"),
            ("maintenance.skip_occurrence", "skip a due time and take that back"),
            ("maintenance.add_freeze", "freeze maintenance"),
            ("maintenance.change_freeze", "lift freezes"),
            ("maintenance.add_schedule", "add schedules"),
            ("maintenance.change_schedule", "change and retire schedules"),
            ("maintenance.change_category", "word the kinds of maintenance"),
        ),
    ),
    Group(
        "Targets",
        (
            ("maintenance.view_target", "see targets"),
            ("maintenance.add_target", "add targets"),
            ("maintenance.change_target", "change and retire targets"),
        ),
    ),
    Group(
        "Probes",
        (
            ("maintenance.view_probe", "see probes, what they read, and outages"),
            ("maintenance.add_probe", "add probes"),
            ("maintenance.change_probe", "change, pause and retire probes"),
            ("maintenance.add_healthreport", "ask for a health report"),
            ("maintenance.add_maintenancewindow", "ask for maintenance windows, and withdraw them"),
            ("maintenance.approve_maintenancewindow", "approve maintenance windows"),
        ),
    ),
    Group(
        "Figures",
        (
            ("maintenance.view_runday", "see KPIs, and what they are made of"),
            ("maintenance.view_weeklyreport", "read weekly reports"),
            ("maintenance.add_weeklyreport", "send weekly reports to others"),
        ),
    ),
    Group(
        "People and roles",
        (
            ("access.use_admin", "use Django admin"),
            ("access.view_person", "see people"),
            ("access.add_person", "add people"),
            ("access.change_person", "change and retire people, set their passwords"),
            ("access.view_role", "see roles"),
            ("access.add_role", "add roles"),
            ("access.change_role", "change roles"),
        ),
    ),
    Group(
        "Notices",
        (
            ("notifications.view_notice", "see what was sent to whom, and what became of it"),
            ("notifications.resend_notice", "send notices again, and cancel those that wait"),
        ),
    ),
    Group("Audit", (("audit.view_auditentry", "read the audit log"),)),
)
WORDS = {name: words for group in GROUPS for name, words in group.permissions}


def words_for(permission: str) -> str:
    """What `permission` (`app.codename`) lets a person do, after "may"; the bare name when nobody has worded it."""
    return WORDS.get(permission, f"do {permission}")
