"""Every URL of the product is in the access table, and every role gets what the table says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, TestCase
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from incidents.actions.saved_views import save
from incidents.models import AssignmentRule, Calendar, Delivery, NoticeMinimum, Responder, Stakeholder
from incidents.models import Category as TicketCategory
from maintenance.actions import freezes, occurrences, windows
from maintenance.models import HealthReport, Outage, Probe, Run, Schedule, Target
from tests.architecture.access_table import ROLES, TABLE, Row
from tests.conftest import make_people, signed_in
from tests.incidents.made import add_vendor, make_ticket
from tests.incidents.sourcing import keep, make_source, make_token
from tests.maintenance.made import add_finding, make_run
from tests.maintenance.weekly import make_report
from tests.notifications.posting import post
from zbmaint.access.models import Person, Role
from zbmaint.audit.record import record

Things = dict[str, tuple[str, ...]]
PLACEHOLDER = re.compile(r"<[^>]+>|\(\?P<[^>]+>[^)]*\)")


def walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route with its pattern."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, route)
        else:
            yield route, pattern


def make_things(people: dict[str, Person]) -> Things:
    """What fills the placeholders: for each `about` of the table the values, in their order."""
    run = make_run("queued")
    ticket = make_ticket()
    entry = record("signed_in", people["viewer"], people["viewer"])
    return {
        "": (),
        "run": (str(run.pk),),
        "finding": (str(add_finding(run).pk),),
        "ticket": (str(ticket.pk),),
        "queue": ("unassigned",),
        "deed": ("assign",),
        "view": (
            str(
                save(
                    Person.objects.create(username="else", role=people["viewer"].role), "Mine", tab="mine", query=""
                ).pk
            ),
        ),
        "number": (str(ticket.number),),
        "vendor": (str(add_vendor(ticket, people["tier3"]).pk),),
        "person": (str(people["viewer"].pk),),
        "role": (str(Role.objects.get(key="viewer").pk),),
        "auditentry": (str(entry.pk),),
        "notice": (str(post().pk),),
        "target": (str(Target.objects.get(reference="own").pk),),
        "shortcut": (str(ContentType.objects.get_for_model(Run).pk), str(run.pk)),
        "app": ("access",),
        "nothing": ("no/such/page/",),
        "chart": ("queue",),
        "kpi": ("success_rate",),
        "kpi_table": ("tiers",),
        "week": (make_report().week,),
        **of_the_probes(people["tier1"]),
        **of_the_schedule(people["admin"]),
        **of_the_desk(people["tier1"]),
        **of_a_source(),
    }


def of_the_desk(person: Person) -> Things:
    """A tier, a calendar, a category of tickets, a rule, and that `person` is here."""
    return {
        "tier": ("1",),
        "calendar": (str(Calendar.objects.create(name="Office", week=[[[480, 1020]]] * 7).pk),),
        "ticketcategory": (str(TicketCategory.objects.get(key="bug").pk),),
        "assignmentrule": (str(AssignmentRule.objects.create(name="All").pk),),
        "stakeholder": (str(Stakeholder.objects.create(name="Board", address="board@example.org").pk),),
        "noticeminimum": (str(NoticeMinimum.objects.get(event="opened").pk),),
        "responder": (str(Responder.objects.create(person=person).pk),),
    }


def of_the_probes(person: Person) -> Things:
    """A probe, an outage of it, a health report, and a maintenance window to come that `person` has asked for."""
    probe, now = Probe.objects.earliest("pk"), timezone.now()
    outage = Outage.objects.create(probe=probe, started_at=now, confirmed_at=now, reason="Refused")
    report = HealthReport.objects.create(at=now, overall="up", content={"overall": "up"})
    begins = now + dt.timedelta(hours=1)
    wanted = windows.Wanted([probe], begins, begins + dt.timedelta(hours=1), "Release")
    window = str(windows.request(wanted, actor=person).pk)
    return {
        "probe": (str(probe.pk),),
        "outage": (str(outage.pk),),
        "report": (str(report.pk),),
        "window": (window,),
        "maintenancewindow": (window,),
    }


def of_a_source() -> Things:
    """A source, its token, and something that it delivered of which nothing could be made."""
    source = make_source()
    make_token(source)
    failed = keep(source, {})
    Delivery.objects.update(state="failed")
    return {
        "source": (str(source.pk),),
        "slug": (source.slug,),
        "token": (source.slug, str(source.tokens.get().pk)),
        "delivery": (str(failed.pk),),
    }


def of_the_schedule(person: Person) -> Things:
    """A schedule, a task of it, a due time that `person` has skipped, and a freeze to come."""
    schedule = Schedule.objects.get(key="weekly")
    task, due_at = schedule.tasks.get(task="database_maintenance"), schedule.next_due_at
    assert due_at is not None
    occurrence = occurrences.skip(task, due_at, actor=person, reason="Moved")
    freeze = freezes.begin(
        actor=person, reason="Release", begins_at=due_at, ends_at=due_at + dt.timedelta(hours=1), targets=()
    )
    return {
        "schedule": (str(schedule.pk),),
        "key": (schedule.key,),
        "scheduledtask": (str(task.pk),),
        "due": (str(task.pk), str(int(due_at.timestamp()))),
        "occurrence": (str(occurrence.pk),),
        "freeze": (str(freeze.pk),),
        "category": (str(schedule.category_id),),
        "scheduleversion": (str(schedule.versions.get().pk),),
    }


def address(row: Row, things: Things) -> str:
    """The path of a row, with its placeholders filled."""
    values = iter(things[row.about])
    return "/" + PLACEHOLDER.sub(lambda _: next(values), row.route).replace("^", "").removesuffix("$")


def mismatches(client: Client, role: str | None, things: Things) -> list[str]:
    """Each row for which `role` (None: not signed in) does not get what the table says."""
    wrong = []
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    for row in TABLE:
        expected = row.anonymous if role is None else row.status if role in row.may else 403
        # Each request finds everything as it was, also after one that signs out or cancels.
        client.cookies.load(cookies)
        with transaction.atomic():
            answer = client.generic(
                row.method,
                address(row, things),
                "&".join(f"{name}={value}" for name, value in row.data.items()),
                content_type="application/x-www-form-urlencoded",
            )
            transaction.set_rollback(True)
        if answer.status_code != expected:
            wrong.append(f"{row.method} {row.route}: {answer.status_code} instead of {expected}")
    return wrong


def test_every_url_is_in_the_table() -> None:
    assert {route for route, _ in walk(get_resolver())} - {row.route for row in TABLE} == set()


def test_the_table_has_no_url_that_does_not_exist() -> None:
    assert {row.route for row in TABLE} - {route for route, _ in walk(get_resolver())} == set()


def test_every_view_says_who_may_open_it() -> None:
    """With @requires, @signed_in or @public; Django admin asks for permissions itself."""
    silent = [route for route, pattern in walk(get_resolver()) if not hasattr(pattern.callback, "access")]
    assert [route for route in silent if not route.startswith("admin/")] == []


class TestTable(TestCase):
    """Held against the product, with one set of things for all roles."""

    people: ClassVar[dict[str, Person]]
    things: ClassVar[Things]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = make_people()
        cls.things = make_things(cls.people)

    def test_each_role_gets_what_the_table_says(self) -> None:
        wrong = {role: mismatches(signed_in(self.people[role]), role, self.things) for role in ROLES}
        assert wrong == {role: [] for role in ROLES}

    def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(self) -> None:
        assert mismatches(self.client, None, self.things) == []

    def test_who_is_retired_is_sent_to_the_sign_in_page(self) -> None:
        client = signed_in(self.people["lead"])
        Person.objects.filter(username="lead").update(retired_at=self.people["lead"].created_at)
        assert mismatches(client, None, self.things) == []


def test_the_table_is_about_the_shipped_roles() -> None:
    assert {name for row in TABLE for name in row.may} <= set(ROLES)
