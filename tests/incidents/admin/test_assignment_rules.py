"""Assignment rules in Django admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.models import AssignmentRule, Calendar, Category
from tests.incidents.admin.reading import Values, error_at, fields_of, text_of, told, value_of
from tests.incidents.desk import rule, somebody, ticket
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

LIST, ADD = "/admin/incidents/assignmentrule/", "/admin/incidents/assignmentrule/add/"


def form(**more: object) -> Values:
    """A rule for everything, to the least loaded."""
    given: Values = {
        "name": "Everything",
        "position": 10,
        "active": "on",
        "tier": "",
        "tags": "",
        "pattern": "",
        "source": "",
        "when": "any",
        "calendar": "",
        "assign": "least_loaded",
        "person": "",
    }
    return given | more


def page_of(rule: AssignmentRule) -> str:
    return f"{LIST}{rule.pk}/change/"


def verbs() -> list[str]:
    rows = AuditEntry.objects.filter(target_kind="assignmentrule").order_by("id")
    return list(rows.values_list("verb", flat=True))


def test_one_is_made_with_all_its_conditions_and_recorded(lead: Client, people: dict[str, Person]) -> None:
    one = somebody("a.moyo", 2)
    office = Calendar.objects.create(name="Office", week=[[[480, 1020]]] * 7)
    database = Category.objects.get(key="database")
    sent = form(
        name="Databases",
        tier=2,
        severities=["critical", "high"],
        categories=[database.pk],
        tags="Postgres, big disk,postgres",
        pattern=r"vacuum|bloat\b",
        source="maintenance ",
        when="within",
        calendar=office.pk,
        assign="person",
        person=one.pk,
    )
    assert "was added successfully" in told(lead, ADD, sent)
    made = AssignmentRule.objects.get()
    assert (made.severities, list(made.categories.all()), made.tags) == (
        ["critical", "high"],
        [database],
        ["postgres", "big-disk"],
    )
    assert (made.pattern, made.source, made.when, made.calendar) == (r"vacuum|bloat\b", "maintenance", "within", office)
    assert (made.tier_id, made.assign, made.person, made.active) == (2, "person", one, True)
    entry = AuditEntry.objects.latest("id")
    assert (entry.verb, entry.actor) == ("assignment_rule_created", people["lead"])
    assert entry.after is not None
    assert (entry.after["categories"], entry.after["person"]) == (["database"], "a.moyo")
    row = text_of(lead.get(LIST).content.decode())
    assert "Tier 2; critical or high; Database; tag postgres or big-disk; “vacuum|bloat\\b”; from maintenance" in row


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"position": "-1"}, "position", "greater than or equal to 0"),
        ({"severities": ["awful"]}, "severities", "Select a valid choice. awful"),
        ({"categories": ["4711"]}, "categories", "Select a valid choice. 4711"),
        ({"tags": "fine, <b>"}, "tags", "“<b>” is no tag"),
        ({"tags": "x" * 41}, "tags", "A tag has at most 40 characters"),
        ({"pattern": "(open"}, "pattern", "A ( has no )."),
        ({"pattern": "(?=look)"}, "pattern", "is not possible: patterns know no look-around"),
        ({"pattern": "(a{1000}){1000}"}, "pattern", "repeats too"),
        ({"pattern": "x" * 201}, "pattern", "at most 200 characters"),
        ({"when": "sometimes"}, "when", "Select a valid choice."),
        ({"when": "within"}, "calendar", "Choose the calendar whose hours are meant."),
        ({"when": "outside"}, "calendar", "Choose the calendar whose hours are meant."),
        ({"assign": "person"}, "person", "Choose who gets it."),
        ({"assign": "person", "person": "4711"}, "person", "Select a valid choice."),
        ({"assign": "nobody"}, "assign", "Select a valid choice."),
        ({"tier": "4"}, "tier", "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    lead: Client, values: Values, field: str, says: str
) -> None:
    html = told(lead, ADD, form(source="somewhere", **values))
    assert says in error_at(html, field)
    assert value_of(html, "source") == "somewhere"
    assert not AssignmentRule.objects.exists()


def test_what_would_not_count_is_refused_and_not_left_out_in_silence(lead: Client) -> None:
    one = somebody("a.moyo", 1)
    office = Calendar.objects.create(name="Office", week=[[[480, 1020]]] * 7)
    assert "Leave this empty" in error_at(told(lead, ADD, form(person=one.pk)), "person")
    assert "Say whether within its hours" in error_at(told(lead, ADD, form(calendar=office.pk)), "calendar")


def test_a_person_of_another_tier_is_refused(lead: Client) -> None:
    one = somebody("a.moyo", 1)
    html = told(lead, ADD, form(tier=2, assign="person", person=one.pk))
    assert "a.moyo is in tier 1, and this" in error_at(html, "person")


def test_a_rule_whose_person_has_left_is_marked_and_can_still_be_changed(lead: Client) -> None:
    one = somebody("a.moyo", 1)
    known = rule("To a.moyo", "person", person=one)
    Person.objects.filter(pk=one.pk).update(retired_at=timezone.now())
    assert "a.moyo, who has left" in lead.get(LIST).content.decode()
    sent = form(name="To a.moyo", assign="person", person=one.pk, tags="disk")
    assert "was changed successfully" in told(lead, page_of(known), sent)
    other = told(lead, ADD, form(assign="person", person=one.pk))
    assert "Select a valid choice." in error_at(other, "person")


def test_a_change_is_recorded_and_one_of_nothing_is_not(lead: Client) -> None:
    known = rule("Everything")
    told(lead, page_of(known), form())
    assert verbs() == ["assignment_rule_created"]
    bug = Category.objects.get(key="bug")
    told(lead, page_of(known), form(categories=[bug.pk]))
    entry = AuditEntry.objects.latest("id")
    assert (entry.verb, entry.before, entry.after) == (
        "assignment_rule_changed",
        {"categories": []},
        {"categories": ["bug"]},
    )


def test_a_retired_category_stays_with_the_rule_that_has_it_and_is_offered_to_no_other(lead: Client) -> None:
    bug = Category.objects.get(key="bug")
    known = rule("Bugs", categories=(bug,))
    Category.objects.filter(pk=bug.pk).update(retired_at=timezone.now())
    box = f'name="categories" value="{bug.pk}"'
    assert box in lead.get(page_of(known)).content.decode()
    assert box not in lead.get(ADD).content.decode()


def test_a_new_one_stands_last(lead: Client) -> None:
    rule("First", position=70)
    assert value_of(lead.get(ADD).content.decode(), "position") == "80"


def test_they_are_moved_from_the_list_and_asked_in_the_new_order(lead: Client) -> None:
    people = [somebody(name, 1) for name in ("a.moyo", "t.ncube", "k.dlamini")]
    rules = [rule(f"To {person}", "person", person=person, position=5) for person in people]
    assert ticket().assignee == people[0]
    assert "Moved up: To k.dlamini." in told(lead, LIST, {"action": "earlier", "_selected_action": [rules[2].pk]})
    told(lead, LIST, {"action": "later", "_selected_action": [rules[0].pk]})
    rows = list(AssignmentRule.objects.values_list("name", "position"))
    assert rows == [("To k.dlamini", 10), ("To a.moyo", 20), ("To t.ncube", 30)]
    assert ticket(title="Next").assignee == people[2]
    assert verbs()[-2:] == ["assignment_rule_moved"] * 2
    entries = AuditEntry.objects.count()
    told(lead, LIST, {"action": "earlier", "_selected_action": [rules[2].pk]})
    assert AuditEntry.objects.count() == entries


def test_one_is_switched_off_and_on_and_never_deleted(lead: Client) -> None:
    known = rule("Everything", "person", person=somebody("a.moyo", 1))
    for action, active in (("switch_off", False), ("switch_on", True)):
        assert "Everything." in told(lead, LIST, {"action": action, "_selected_action": [known.pk]})
        known.refresh_from_db()
        assert known.active is active
    assert verbs()[1:] == ["assignment_rule_switched_off", "assignment_rule_switched_on"]
    assert lead.post(f"{LIST}{known.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in lead.get(LIST).content.decode()


def test_who_only_looks_cannot_save(manager: Client) -> None:
    known = rule("Everything")
    html = manager.get(page_of(known)).content.decode()
    assert not fields_of(html)
    assert manager.post(page_of(known), form()).status_code == 403
    assert "switch_off" not in manager.get(LIST).content.decode()


def test_the_list_takes_the_same_queries_for_many(
    lead: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        rule(f"Rule {number}", "person", person=somebody(f"p{number}", 1), categories=(Category.objects.all()[number],))
    lead.get(LIST)
    # Person with role; permissions; tiers of the filter; two counts; rules, people; their categories; three banners.
    with django_assert_num_queries(10):
        lead.get(LIST)
