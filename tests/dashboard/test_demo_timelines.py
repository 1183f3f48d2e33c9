"""Generated tickets: their timelines tell how they came to be what they are, and the desk has every situation."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter
from typing import Any

import pytest
from django.db.models import Count, Max, Q

from incidents.models import AssignmentRule, Entry, Stint, Tag, Ticket, Tier, Watcher
from incidents.rules import recurrence, texts
from incidents.rules.clocks import SOON
from tests.dashboard.generated import NOW, TICKETS
from tests.incidents.made import make_ticket
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.dashboard.demo.history import DemoRefused, generate
from zbmaint.dashboard.demo.period import Period
from zbmaint.dashboard.demo.unfinished import number_of


class TimelinesOfGeneratedTickets:
    """Held against `incidents`; of the desk in test_demo_desk.py."""

    def test_versions_follow_one_another_and_times_do_not_go_back(self) -> None:
        for ticket in Ticket.objects.prefetch_related("entries"):
            entries = sorted(ticket.entries.all(), key=lambda entry: entry.pk)
            assert sorted({entry.version for entry in entries}) == list(range(1, ticket.version + 1))
            assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
            assert [entry.version for entry in entries] == sorted(entry.version for entry in entries)
            assert entries[0].at == ticket.created_at
            assert entries[-1].at == ticket.updated_at <= NOW

    def test_what_the_timeline_says_has_changed_leads_to_what_is(self) -> None:
        begins = {"status": "open", "assignee": None, "resolution_code": "", "clear": False, "occurrences": 1}
        for ticket in Ticket.objects.select_related("assignee").prefetch_related("entries"):
            now: dict[str, Any] = dict(begins)
            for entry in sorted(ticket.entries.all(), key=lambda entry: entry.pk):
                for field, (before, after) in entry.data.get("changed", {}).items():
                    assert now.setdefault(field, before) == before, (ticket, entry, field)
                    now[field] = after
            assert now["status"] == ticket.status
            assert now["assignee"] == (str(ticket.assignee) if ticket.assignee else None)
            assert now["resolution_code"] == ticket.resolution_code
            for field, value in (("tier", ticket.tier_id), ("severity", ticket.severity), ("tags", ticket.tags)):
                assert now.get(field, value) == value

    def test_what_people_have_written_is_what_the_product_takes(self) -> None:
        for ticket in Ticket.objects.all():
            assert texts.why_not_title(ticket.title) is None
            assert texts.why_not_text(ticket.description) is None
            assert "{" not in ticket.title
            assert ticket.reporter
            assert ticket.tags == sorted(set(ticket.tags))
            assert not any(texts.why_not_tag(tag) for tag in ticket.tags)
        given = set(itertools.chain.from_iterable(Ticket.objects.values_list("tags", flat=True)))
        assert given == set(Tag.objects.values_list("name", flat=True))
        assert Ticket.objects.filter(description__contains="```").exists()

    def test_kinds_come_again(self) -> None:
        for ticket in Ticket.objects.select_related("category")[:200]:
            category = ticket.category.key if ticket.category else ""
            assert ticket.kind == recurrence.kind_of(
                source=ticket.source, key=ticket.key, category=category, title=ticket.title
            )
        lately = Ticket.objects.filter(created_at__gt=NOW - dt.timedelta(days=recurrence.DAYS))
        most = lately.values("kind").annotate(times=Count("pk")).aggregate(most=Max("times"))["most"]
        assert most >= 7

    def test_whoever_was_assigned_is_of_the_tier_and_there_is_why(self) -> None:
        hows = Counter(Entry.objects.filter(data__has_key="why").values_list("data__why__how", flat=True))
        assert set(hows) == {"rule", "on_call", "nobody"}
        rules = set(Entry.objects.filter(data__why__how="rule").values_list("data__why__rule", flat=True))
        assert rules == set(AssignmentRule.objects.values_list("name", flat=True))
        for ticket in Ticket.objects.unfinished().exclude(assignee=None).select_related("assignee"):
            assert ticket.assignee is not None
            assert ticket.assignee.tier in (ticket.tier_id, None)
        for person in Person.objects.filter(responder__away_until__gt=NOW):
            away_since = NOW - dt.timedelta(days=2)
            assert not Entry.objects.filter(actor=person, at__gt=away_since).exclude(kind="opened").exists()

    def test_watchers_are_who_opened_or_worked_on_it(self) -> None:
        assert Watcher.objects.count() > TICKETS
        for ticket in Ticket.objects.prefetch_related("entries", "watchers")[:300]:
            acted = {
                entry.actor_id for entry in ticket.entries.all() if entry.kind in ("opened", "comment", "escalated")
            }
            assert acted - {None} <= {watcher.person_id for watcher in ticket.watchers.all()}

    def test_the_audit_log_has_every_version_of_every_ticket(self) -> None:
        entries = AuditEntry.objects.filter(target_kind="ticket")
        assert entries.count() == sum(Ticket.objects.values_list("version", flat=True))
        for ticket in random.Random(1).sample(list(Ticket.objects.all()), 50):
            mine = entries.filter(target_id=str(ticket.pk)).order_by("id")
            versions = [entry.after["version"] for entry in mine if entry.after is not None]
            assert versions == list(range(1, ticket.version + 1))
            assert list(mine.values_list("target_label", flat=True).distinct().order_by()) == [str(ticket)]
        ids = list(AuditEntry.objects.filter(after__demo=True).order_by("id").values_list("at", flat=True))
        assert ids == sorted(ids)

    def test_the_desk_has_every_situation(self) -> None:
        unfinished = Ticket.objects.unfinished()
        waiting = unfinished.filter(due_clock="response")
        soon = NOW + SOON
        for situation, tickets in {
            "overdue": waiting.filter(due_at__lte=NOW),
            "due soon": waiting.filter(due_at__gt=NOW, due_at__lte=soon),
            "on track": waiting.filter(due_at__gt=soon),
            "answered": unfinished.filter(status="in_progress", due_at=None, paused_until=None),
            "paused": unfinished.exclude(paused_until=None),
            "unassigned": unfinished.filter(assignee=None),
            "unaccepted": unfinished.filter(assignee__isnull=False, accepted_at=None),
            "reopened": unfinished.filter(reopened__gt=0),
            "with a vendor": unfinished.exclude(vendor_escalations=None),
            "from a run": unfinished.exclude(key=""),
        }.items():
            assert tickets.exists(), situation
        by_tier = Counter(unfinished.values_list("tier", flat=True))
        assert by_tier[1] > by_tier[2] > by_tier[3] > 0
        assert waiting.filter(due_at__lte=NOW).count() < waiting.filter(due_at__gt=soon).count()
        bad = Ticket.objects.filter(severity="critical").count()
        assert 0 < bad < Ticket.objects.count() / 15
        late = Stint.objects.aggregate(late=Count("pk", filter=Q(breached_at__isnull=False)), all=Count("pk"))
        assert 0.02 < late["late"] / late["all"] < 0.2


@pytest.mark.parametrize(("tickets", "number"), [(0, 0), (100, 3), (1_800, 54), (2_000, 60), (1_000_000, 49_960)])
def test_a_desk_keeps_up_and_a_benchmark_has_many_unfinished(tickets: int, number: int) -> None:
    assert number_of(tickets) == number


@pytest.mark.django_db
def test_a_desk_that_is_set_up_already_is_left_alone(people: dict[str, Person]) -> None:
    Tier.objects.filter(pk=1).update(on_call=people["tier1"])
    with pytest.raises(DemoRefused, match="on call of their own"):
        generate(Period(10, 1, NOW), 0, 10)
    assert not Ticket.objects.exists()


@pytest.mark.django_db
def test_no_tickets_of_people_are_possible_too(people: dict[str, Person]) -> None:
    generate(Period(10, 1, NOW), 0, 0)
    assert not Ticket.objects.filter(key="").exists()
    assert make_ticket().number > 0
