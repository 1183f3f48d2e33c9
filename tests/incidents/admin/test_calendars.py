"""Calendars in Django admin."""

from __future__ import annotations

from html import unescape

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from incidents.models import Calendar, Tier
from tests.incidents.admin.reading import Values, error_at, fields_of, text_of, told, value_of
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

LIST, ADD = "/admin/incidents/calendar/", "/admin/incidents/calendar/add/"
OFFICE = [[[480, 720], [780, 1020]], *([[[480, 1020]]] * 4), [], []]


def form(**more: object) -> Values:
    """Office hours in Harare."""
    given: Values = {
        "name": "Harare office",
        "time_zone": "Africa/Harare",
        "monday": "08:00-12:00, 13:00-17:00",
        **dict.fromkeys(("tuesday", "wednesday", "thursday", "friday"), "08:00-17:00"),
        "saturday": "",
        "sunday": "",
        "holidays": "2026-12-25 Christmas Day\r\n2026-12-26",
    }
    return given | more


@pytest.fixture
def office(db: None) -> Calendar:
    return Calendar.objects.create(name="Harare office", time_zone="Africa/Harare", week=OFFICE)


def page_of(calendar: Calendar) -> str:
    return f"{LIST}{calendar.pk}/change/"


def test_one_is_made_of_seven_texts_and_lines_of_holidays(lead: Client, people: dict[str, Person]) -> None:
    assert "was added successfully" in told(lead, ADD, form())
    calendar = Calendar.objects.get()
    assert calendar.week == OFFICE
    assert calendar.holidays == [["2026-12-25", "Christmas Day"], ["2026-12-26", ""]]
    assert not calendar.hours().always
    entry = AuditEntry.objects.latest("id")
    assert (entry.verb, entry.actor) == ("calendar_created", people["lead"])


def test_it_is_shown_as_it_was_typed_and_saving_that_changes_nothing(lead: Client, office: Calendar) -> None:
    html = lead.get(page_of(office)).content.decode()
    assert value_of(html, "monday") == "08:00-12:00, 13:00-17:00"
    assert value_of(html, "sunday") == ""
    entries = AuditEntry.objects.count()
    told(lead, page_of(office), form(holidays=""))
    assert AuditEntry.objects.count() == entries
    told(lead, page_of(office), form(holidays="", saturday="09:00-12:00"))
    entry = AuditEntry.objects.latest("id")
    assert entry.verb == "calendar_changed"
    assert set(entry.after or {}) == {"week"}


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("name", "", "This field is required."),
        ("time_zone", "Mars/Olympus", "'Mars/Olympus' is not an IANA time zone"),
        ("monday", "17:00-08:00", "“17:00-08:00” ends before it begins"),
        ("monday", "08:00-12:00, 11:00-13:00", "“11:00-13:00” begins before 12:00"),
        ("sunday", "all day", "“all day” is no span of hours"),
        ("holidays", "2026-12-25 One\r\nChristmas", "“Christmas” does not begin with a date"),
        ("holidays", "2026-13-01 Never", "“2026-13-01 Never” does not begin with a date"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(
    lead: Client, field: str, typed: str, says: str
) -> None:
    html = told(lead, ADD, form(**{field: typed}))
    assert says in error_at(html, field)
    assert typed in unescape(html)
    assert not Calendar.objects.exists()


def test_one_that_never_opens_is_refused(lead: Client) -> None:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    html = told(lead, ADD, form(**dict.fromkeys(days, "")))
    assert "It is shut all week. Give one day at least its hours." in html
    assert value_of(html, "name") == "Harare office"
    assert not Calendar.objects.exists()


def test_one_too_rare_for_the_targets_of_a_tier_that_works_by_it_is_refused(lead: Client, office: Calendar) -> None:
    Tier.objects.filter(pk=2).update(calendar=office)
    Tier.objects.get(pk=2).targets.filter(severity="low").update(response_minutes=14400)
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    html = told(lead, page_of(office), form(**dict.fromkeys(days, ""), sunday="08:00-09:00"))
    assert "Tier 2 works by this calendar. It is open too seldom for a target of 240 h." in html
    office.refresh_from_db()
    assert office.week == OFFICE


def test_two_of_one_name_are_refused(lead: Client, office: Calendar) -> None:
    assert "already exists" in error_at(told(lead, ADD, form()), "name")


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2026-04-06T10:30:00Z", "6 Apr 2026, 11:00 UTC"),
        ("2026-04-06T11:30:00Z", "Open now"),
        ("2026-04-11T11:30:00Z", "13 Apr 2026, 06:00 UTC"),
    ],
)
def test_the_next_opening_is_shown(lead: Client, office: Calendar, now: str, says: str) -> None:
    with time_machine.travel(now, tick=False):
        assert says in text_of(lead.get(page_of(office)).content.decode())
        assert says in text_of(lead.get(LIST).content.decode())


def test_a_row_that_sql_has_broken_is_still_shown(lead: Client, office: Calendar) -> None:
    Calendar.objects.update(time_zone="Nowhere/Atall")
    assert "Nowhere/Atall" in lead.get(LIST).content.decode()
    assert lead.get(page_of(office)).status_code == 200


def test_who_only_looks_sees_the_week_and_no_field(manager: Client, office: Calendar) -> None:
    html = manager.get(page_of(office)).content.decode()
    assert "Monday 08:00-12:00, 13:00-17:00; Tuesday 08:00-17:00" in text_of(html)
    assert "Sunday shut" in text_of(html)
    assert not fields_of(html)
    refused = manager.get(ADD)
    assert refused.status_code == 403
    assert "Lead" in refused.content.decode()


def test_the_list_takes_the_same_queries_for_many(
    lead: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        Calendar.objects.create(name=f"Office {number}", week=OFFICE)
    lead.get(LIST)
    # Person with role; permissions; two counts; calendars; three banners.
    with django_assert_num_queries(8):
        lead.get(LIST)
