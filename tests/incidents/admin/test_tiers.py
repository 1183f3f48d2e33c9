"""Tiers in Django admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.models import Calendar, ResponseTarget, Severity, Stint, Tier
from tests.incidents.admin.reading import Values, error_at, fields_of, text_of, told, value_of
from tests.incidents.desk import on_call, somebody, ticket
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

LIST = "/admin/incidents/tier/"
PAGE = f"{LIST}1/change/"
TARGETS = {"critical": "15 min", "high": "1 h", "medium": "4 h", "low": "24 h"}


def form(**more: object) -> Values:
    """What a browser sends for tier 1 as it is."""
    tier = Tier.objects.get(pk=1)
    given: Values = {
        "name": tier.name,
        "responsibilities": "\r\n".join(tier.responsibilities),
        "criteria": "\r\n".join(tier.criteria),
        "calendar": "",
        "on_call": "",
        "open_cap": 10,
    }
    for severity, response in TARGETS.items():
        cap = {"critical": "4 h", "high": "24 h", "medium": "72 h", "low": "168 h"}[severity]
        given |= {f"{severity}_response": response, f"{severity}_resolution": "", f"{severity}_pause": cap}
    return given | more


def test_it_shows_the_targets_as_people_write_them(lead: Client) -> None:
    html = lead.get(PAGE).content.decode()
    assert {severity: value_of(html, f"{severity}_response") for severity in Severity.values} == TARGETS
    assert value_of(html, "critical_resolution") == ""
    assert value_of(html, "low_pause") == "168 h"
    assert "clocks that run keep theirs" in html


def test_saving_it_as_it_is_writes_nothing(lead: Client) -> None:
    entries = AuditEntry.objects.count()
    assert "was changed successfully" in told(lead, PAGE, form())
    assert AuditEntry.objects.count() == entries


def test_targets_words_cap_calendar_and_on_call_are_changed_and_recorded(
    lead: Client, people: dict[str, Person]
) -> None:
    one = somebody("a.moyo", 1)
    office = Calendar.objects.create(name="Office", week=[[[480, 1020]]] * 5 + [[], []])
    sent = form(
        name="Service desk",
        criteria="Outage\r\n\r\nSecurity",
        open_cap=5,
        calendar=office.pk,
        on_call=one.pk,
        critical_response="20 min",
        critical_resolution="2 days",
        low_pause="10 days",
    )
    assert "was changed successfully" in told(lead, PAGE, sent)
    tier = Tier.objects.get(pk=1)
    assert (tier.name, tier.criteria, tier.open_cap, tier.calendar, tier.on_call) == (
        "Service desk",
        ["Outage", "Security"],
        5,
        office,
        one,
    )
    target = ResponseTarget.objects.get(tier=1, severity="critical")
    assert (target.response_minutes, target.resolution_minutes) == (20, 2880)
    entry = AuditEntry.objects.latest("id")
    assert (entry.verb, entry.actor, entry.target_id) == ("tier_changed", people["lead"], "1")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["on_call"], entry.after["on_call"]) == (None, "a.moyo")
    assert (entry.before["critical_response_minutes"], entry.after["critical_response_minutes"]) == (15, 20)
    assert entry.after["low_pause_cap_minutes"] == 14400
    assert "high_response_minutes" not in entry.after


def test_a_clock_that_runs_keeps_its_target_and_the_next_has_the_new_one(lead: Client) -> None:
    before = ticket(severity="critical")
    told(lead, PAGE, form(critical_response="5 min"))
    after = ticket(title="Next", severity="critical")
    assert Stint.objects.get(ticket=before).response_seconds == 900
    assert Stint.objects.get(ticket=after).response_seconds == 300


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("critical_response", "", "This field is required."),
        ("critical_response", "15", "“15” is no length of time. Write it with its unit"),
        ("critical_response", "0 min", "“0 min” is out of range"),
        ("high_response", "soon", "“soon” is no length of time"),
        ("high_pause", "", "This field is required."),
        ("medium_resolution", "3 h", "Nothing is resolved before the response: 4 h or more, or nothing."),
        ("name", "", "This field is required."),
        ("criteria", "", "This field is required."),
        ("criteria", "Outage\nOutage", "“Outage” stands here twice."),
        ("criteria", "x" * 201, "A line has at most 200 characters"),
        ("responsibilities", " ", "This field is required."),
        ("open_cap", "-1", "greater than or equal to 0"),
        ("open_cap", "99999", "less than or equal to 32767"),
        ("calendar", "4711", "Select a valid choice"),
        ("on_call", "4711", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    lead: Client, field: str, typed: str, says: str
) -> None:
    html = told(lead, PAGE, form(**{"open_cap": 7, field: typed}))
    assert says in error_at(html, field)
    if field not in {"calendar", "on_call", "criteria", "responsibilities"}:
        assert value_of(html, field) == typed
    assert Tier.objects.get(pk=1).open_cap == 10
    assert ResponseTarget.objects.get(tier=1, severity="critical").response_minutes == 15


def test_a_target_that_the_calendar_cannot_keep_is_refused(lead: Client) -> None:
    rare = Calendar.objects.create(name="Mondays", week=[[[480, 540]], *([[]] * 6)])
    html = told(lead, PAGE, form(calendar=rare.pk, low_response="10 days"))
    assert "Mondays: It is open too seldom for a target of 240 h." in error_at(html, "calendar")


class TestOnCall:
    def test_only_people_of_the_tier_or_of_none_who_may_work_on_tickets_are_offered(self, lead: Client) -> None:
        somebody("of.tier1", 1)
        somebody("of.tier2", 2)
        somebody("a.reader", 1, "viewer")
        gone = somebody("long.gone", 1)
        Person.objects.filter(pk=gone.pk).update(retired_at=timezone.now())
        choices = lead.get(PAGE).content.decode().split('name="on_call"')[1].split("</select>")[0]
        offered = set(text_of(choices).split()[1:])
        assert {"of.tier1", "lead", "admin"} <= offered
        assert offered.isdisjoint({"of.tier2", "a.reader", "long.gone", "viewer", "manager"})

    def test_who_could_not_be_chosen_any_more_is_shown_and_does_not_keep_the_rest_from_being_saved(
        self, lead: Client
    ) -> None:
        one = somebody("a.moyo", 1)
        on_call(1, one)
        Person.objects.filter(pk=one.pk).update(tier=2)
        assert "was changed successfully" in told(lead, PAGE, form(on_call=one.pk, name="Desk"))
        on_call(1, None)
        html = told(lead, PAGE, form(on_call=one.pk))
        assert "Select a valid choice" in error_at(html, "on_call")


def test_nobody_adds_or_deletes_one(lead: Client) -> None:
    assert lead.get(f"{LIST}add/").status_code == 403
    assert lead.post(f"{LIST}1/delete/", {"post": "yes"}).status_code == 403
    assert Tier.objects.filter(pk=1).exists()


def test_who_only_looks_sees_the_targets_and_no_field(manager: Client) -> None:
    html = manager.get(PAGE).content.decode()
    assert "Critical 15 min – 4 h" in text_of(html)
    assert not fields_of(html)
    refused = manager.post(PAGE, form(name="Mine"))
    assert refused.status_code == 403
    assert "Lead" in refused.content.decode()
    assert Tier.objects.get(pk=1).name == "First line support"


def test_the_list_says_who_is_on_call(lead: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in (1, 2, 3):
        on_call(number, somebody(f"on.call{number}", number))
    lead.get(LIST)
    # Person with role; permissions; two counts; tiers with their people and calendars; three banners.
    with django_assert_num_queries(8):
        html = lead.get(LIST).content.decode()
    assert all(f"on.call{number}" in html for number in (1, 2, 3))


def test_the_history_is_the_audit_log(lead: Client) -> None:
    assert "target_kind=tier&target_id=1" in lead.get(f"{LIST}1/history/")["Location"]
