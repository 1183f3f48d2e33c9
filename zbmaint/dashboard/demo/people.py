"""The cast: one person of every role, none of whom can sign in."""

from __future__ import annotations

from zbmaint.access.actions import people
from zbmaint.access.models import Person, Role
from zbmaint.dashboard.demo.period import DAY, Period

# Role -> username, full name, support tier.
CAST: dict[str, tuple[str, str, int | None]] = {
    "viewer": ("e.tembo", "Esther Tembo", None),
    "tier1": ("t.ncube", "Thabo Ncube", 1),
    "tier2": ("s.banda", "Sarah Banda", 2),
    "tier3": ("k.dlamini", "Kagiso Dlamini", 3),
    "lead": ("a.moyo", "Anesu Moyo", None),
    "manager": ("p.nyathi", "Peter Nyathi", None),
    "admin": ("d.phiri", "Daniel Phiri", None),
}


def why_not() -> str:
    """Why the cast cannot be made, in words; empty when it can."""
    names = [username for username, _, _ in CAST.values()]
    there = sorted(Person.objects.filter(username__in=names).values_list("username", flat=True))
    if there:
        return f"{', '.join(there)} exist already, and nothing may be said of them that did not happen."
    missing = sorted(CAST.keys() - set(Role.objects.filter(key__in=CAST).values_list("key", flat=True)))
    if missing:
        return f"There is no role {', '.join(missing)} any more."
    if not Person.objects.active().exists():
        return "Nobody could sign in to look at it: start `manage.py up` once, which makes the first admin."
    return ""


def make(period: Period) -> dict[str, Person]:
    """Make them, as of a while before the period; by role."""
    roles = {role.key: role for role in Role.objects.filter(key__in=CAST)}
    made = {}
    for key, (username, name, tier) in CAST.items():
        email = f"{username}@zbinnovation.example"
        details = people.Details(username, roles[key], name, email, tier, "Africa/Harare")
        made[key] = people.create(details, password=None, actor=None)
    Person.objects.filter(pk__in=[person.pk for person in made.values()]).update(created_at=period.begins - 30 * DAY)
    return made
