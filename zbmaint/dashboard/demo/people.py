"""The cast: everybody who works on the desk, none of whom can sign in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zbmaint.access.actions import people
from zbmaint.access.models import Person, Role
from zbmaint.dashboard.demo.period import DAY, Period


@dataclass(frozen=True)
class Member:
    """One of the cast: the key of their role, and their support tier."""

    username: str
    name: str
    role: str
    tier: int | None = None


CAST = (
    Member("e.tembo", "Esther Tembo", "viewer"),
    Member("t.ncube", "Thabo Ncube", "tier1", 1),
    Member("n.khumalo", "Nomsa Khumalo", "tier1", 1),
    Member("f.mutasa", "Farai Mutasa", "tier1", 1),
    Member("l.chirwa", "Lindiwe Chirwa", "tier1", 1),
    Member("b.zulu", "Bongani Zulu", "tier1", 1),
    Member("s.banda", "Sarah Banda", "tier2", 2),
    Member("r.sibanda", "Rudo Sibanda", "tier2", 2),
    Member("c.mwale", "Chisomo Mwale", "tier2", 2),
    Member("j.okello", "Joseph Okello", "tier2", 2),
    Member("k.dlamini", "Kagiso Dlamini", "tier3", 3),
    Member("w.kamau", "Wanjiru Kamau", "tier3", 3),
    Member("i.fourie", "Ilse Fourie", "tier3", 3),
    Member("a.moyo", "Anesu Moyo", "lead"),
    Member("g.marufu", "Grace Marufu", "lead"),
    Member("p.nyathi", "Peter Nyathi", "manager"),
    Member("d.phiri", "Daniel Phiri", "admin"),
)


def why_not() -> str:
    """Why the cast cannot be made, in words; empty when it can."""
    names = [member.username for member in CAST]
    there = sorted(Person.objects.filter(username__in=names).values_list("username", flat=True))
    if there:
        return f"{', '.join(there)} exist already, and nothing may be said of them that did not happen."
    needed = {member.role for member in CAST}
    missing = sorted(needed - set(Role.objects.filter(key__in=needed).values_list("key", flat=True)))
    if missing:
        return f"There is no role {', '.join(missing)} any more."
    if not Person.objects.active().exists():
        return "Nobody could sign in to look at it: start `manage.py up` once, which makes the first admin."
    return ""


def make(period: Period) -> list[Person]:
    """Make them, as of a while before the period; in the order of CAST."""
    roles = {role.key: role for role in Role.objects.filter(key__in={member.role for member in CAST})}
    made = []
    for member in CAST:
        email = f"{member.username}@zbinnovation.example"
        details = people.Details(member.username, roles[member.role], member.name, email, member.tier, "Africa/Harare")
        made.append(people.create(details, password=None, actor=None))
    Person.objects.filter(pk__in=[person.pk for person in made]).update(created_at=period.begins - 30 * DAY)
    return made


def by_role(cast: Iterable[Person]) -> dict[str, Person]:
    """The first of every role."""
    first: dict[str, Person] = {}
    for person in cast:
        first.setdefault(person.role.key, person)
    return first
