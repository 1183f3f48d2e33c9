"""Categories of tickets, and the availability of people, in Django admin."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.models import Category, Responder
from tests.incidents.admin.reading import Values, error_at, fields_of, text_of, told, value_of
from tests.incidents.desk import rule, somebody, ticket
from tests.incidents.made import make_ticket
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
CATEGORIES, PEOPLE = "/admin/incidents/category/", "/admin/incidents/responder/"


class TestCategories:
    def test_one_is_made_with_a_key_that_stays(self, lead: Client, people: dict[str, Person]) -> None:
        sent: Values = {"key": "network", "name": "Network", "position": 20, "first_tier": 2}
        assert "was added successfully" in told(lead, f"{CATEGORIES}add/", sent)
        made = Category.objects.get(key="network")
        assert (made.name, made.position, made.first_tier_id) == ("Network", 20, 2)
        assert AuditEntry.objects.latest("id").verb == "ticket_category_created"
        page = f"{CATEGORIES}{made.pk}/change/"
        assert "key" not in fields_of(lead.get(page).content.decode())
        told(lead, page, {"key": "other", "name": "Networks", "position": 20, "first_tier": 2})
        made.refresh_from_db()
        assert (made.key, made.name) == ("network", "Networks")
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.actor) == ("ticket_category_changed", people["lead"])
        assert (entry.before, entry.after) == ({"name": "Network"}, {"name": "Networks"})
        assert ticket(category=made).tier_id == 2

    @pytest.mark.parametrize(
        ("values", "field", "says"),
        [
            ({"key": "two words"}, "key", "Enter a valid “slug”"),
            ({"key": "bug"}, "key", "already exists"),
            ({"key": ""}, "key", "This field is required."),
            ({"name": ""}, "name", "This field is required."),
            ({"first_tier": "9"}, "first_tier", "Select a valid choice."),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, lead: Client, values: Values, field: str, says: str) -> None:
        count = Category.objects.count()
        sent = {"key": "network", "name": "Network", "position": 20, "first_tier": ""} | values
        html = told(lead, f"{CATEGORIES}add/", sent)
        assert says in error_at(html, field)
        assert value_of(html, "position") == "20"
        assert Category.objects.count() == count

    def test_one_is_retired_and_restored_from_the_list_and_never_deleted(self, lead: Client) -> None:
        bug = Category.objects.get(key="bug")
        had = make_ticket(category="bug")
        chosen: Values = {"_selected_action": [bug.pk]}
        for _ in range(2):
            assert "Retired: Bug." in told(lead, CATEGORIES, {"action": "retire", **chosen})
        assert make_ticket(key="other", category="bug").category is None
        had.refresh_from_db()
        assert had.category == bug
        assert "Restored: Bug." in told(lead, CATEGORIES, {"action": "restore", **chosen})
        assert make_ticket(key="third", category="bug").category == bug
        history = lead.get(f"{CATEGORIES}{bug.pk}/history/")["Location"]
        assert history.endswith(f"?target_kind=incidents.category&target_id={bug.pk}")
        entries = AuditEntry.objects.filter(target_kind="incidents.category").order_by("id")
        verbs = list(entries.values_list("verb", flat=True))
        assert verbs[-2:] == ["ticket_category_retired", "ticket_category_restored"]
        assert lead.post(f"{CATEGORIES}{bug.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_the_list_takes_a_constant_number_of_queries(
        self, lead: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        Category.objects.update(first_tier=2)
        lead.get(CATEGORIES)
        # Person with role; permissions; two counts; categories; three banners.
        with django_assert_num_queries(8):
            lead.get(CATEGORIES)


class TestAvailability:
    def test_somebody_is_said_to_be_away_and_gets_nothing_until_then(
        self, lead: Client, people: dict[str, Person]
    ) -> None:
        one = somebody("a.moyo", 1)
        rule("To a.moyo", "person", person=one)
        sent: Values = {"person": one.pk, "away_until": "2099-12-03T08:00", "away_reason": "leave"}
        assert "was added successfully" in told(lead, f"{PEOPLE}add/", sent | {"open_cap": "3"})
        said = Responder.objects.get()
        assert (said.person, said.away_until) == (one, dt.datetime(2099, 12, 3, 8, tzinfo=dt.UTC))
        assert (said.away_reason, said.open_cap) == ("leave", 3)
        assert ticket().assignee is None
        page = f"{PEOPLE}{one.pk}/change/"
        assert "person" not in fields_of(lead.get(page).content.decode())
        told(lead, page, {"away_until": "", "away_reason": "", "open_cap": ""})
        assert ticket(title="Next").assignee == one
        entry = AuditEntry.objects.filter(target_kind="responder").latest("id")
        assert (entry.verb, entry.actor) == ("availability_changed", people["lead"])
        assert entry.before == {"away_until": "2099-12-03T08:00:00+00:00", "away_reason": "leave", "open_cap": 3}

    @pytest.mark.parametrize(
        ("values", "field", "says"),
        [
            ({"person": ""}, "person", "This field is required."),
            ({"person": "4711"}, "person", "Select a valid choice."),
            ({"away_until": "2020-01-01T08:00"}, "away_until", "That has passed already."),
            ({"away_until": "tomorrow"}, "away_until", "Enter a valid date/time."),
            ({"away_reason": "leave"}, "away_until", "Say until when, or leave out the reason."),
            ({"open_cap": "-1"}, "open_cap", "greater than or equal to 0"),
            ({"open_cap": "many"}, "open_cap", "Enter a whole number."),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, lead: Client, values: Values, field: str, says: str) -> None:
        one = somebody("a.moyo", 1)
        sent: Values = {"person": one.pk, "away_until": "", "away_reason": "", "open_cap": ""}
        html = told(lead, f"{PEOPLE}add/", sent | values)
        assert says in error_at(html, field)
        assert not Responder.objects.exists()

    def test_only_people_who_may_work_on_tickets_and_are_not_there_yet_are_offered(self, lead: Client) -> None:
        Responder.objects.create(person=somebody("a.moyo", 1))
        gone = somebody("long.gone", 1)
        Person.objects.filter(pk=gone.pk).update(retired_at=timezone.now())
        somebody("t.ncube", 1)
        html = lead.get(f"{PEOPLE}add/").content.decode().split('name="person"')[1].split("</select>")[0]
        offered = set(text_of(html).split())
        assert {"t.ncube", "tier1", "lead"} <= offered
        assert offered.isdisjoint({"a.moyo", "long.gone", "viewer", "manager"})

    def test_an_absence_that_is_over_does_not_keep_the_cap_from_being_changed(self, lead: Client) -> None:
        one = somebody("a.moyo", 1)
        past = dt.datetime(2020, 1, 1, 8, tzinfo=dt.UTC)
        Responder.objects.create(person=one, away_until=past, away_reason="leave")
        sent: Values = {"away_until": "2020-01-01T08:00", "away_reason": "leave", "open_cap": 2}
        assert "was changed successfully" in told(lead, f"{PEOPLE}{one.pk}/change/", sent)
        assert Responder.objects.get().open_cap == 2

    def test_the_list_takes_a_constant_number_of_queries(
        self, lead: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(4):
            Responder.objects.create(person=somebody(f"p{number}", 1))
        lead.get(PEOPLE)
        # Person with role; permissions; two counts; people; three banners.
        with django_assert_num_queries(8):
            lead.get(PEOPLE)
