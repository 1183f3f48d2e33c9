"""The page of a ticket."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.actions import assignment, comments, handing, pausing, statuses
from incidents.actions.intake import receive
from incidents.actions.opening import Draft, open_ticket
from incidents.models import Entry, Stint, Ticket, Tier
from incidents.views.ticket_timeline import PAGE_SIZE
from tests.incidents.made import alert as an_alert
from tests.incidents.made import make_ticket, resolved
from tests.incidents.views.reading import HTMX, do, read, source, words
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
People = dict[str, Person]
ENTRY = re.compile(r'<li(?: class="event")? id="entry-(\d+)"')


def offers(html: str) -> list[str]:
    """What can be done on the page, in the order of its buttons."""
    return re.findall(
        r'id="do-([a-z-]+)"', html.split('id="ticket-actions"')[1].split('id="ticket-next"', maxsplit=1)[0]
    )


def clocks(html: str) -> list[str]:
    """What each clock says."""
    part = html.split('id="ticket-clocks"')[1].split("</ol>", maxsplit=1)[0]
    return [words(cell) for cell in part.split("<li")[1:]]


class TestHead:
    def test_it_says_what_it_is_and_what_happens_next(self, one: Client, ticket: Ticket) -> None:
        text = read(one, ticket)
        for says in (
            "Mail is late",
            "High Open Tier 1 mail",
            "Tier 1 must respond in 59m, then it is recorded as missed.",
            "Nobody has it, and nobody is on call for tier 1: anybody of tier 1 may claim it.",
            "It waits",
            "Why nobody",
        ):
            assert says in text
        assert "<strong>waits</strong>" in source(one, ticket)

    def test_of_an_alert_it_says_source_count_and_that_it_is_clear(self, one: Client) -> None:
        ticket = make_ticket()
        comments.comment(ticket.number, "Looking", actor=Person.objects.get(username="tier1"))
        receive(an_alert())
        receive(resolved())
        text = read(one, ticket)
        assert "Source clear" in text
        assert "Source test, 2 alerts" in text
        assert "Its source is clear again" in text
        assert "Opened by test: Disk of ops-1 is full" in text
        assert "Cleared by test: Disk of ops-1 has room again" in text

    def test_one_that_does_not_exist_is_not_found(self, one: Client) -> None:
        for number in ("0", "99999999999999999999"):
            assert one.get(f"/tickets/{number}/").status_code == 404

    def test_scripts_in_it_do_nothing(self, one: Client, desk: People) -> None:
        ticket = open_ticket(
            Draft("<script>x</script>", "<b>me</b>", "[x](javascript:x) <img src=x onerror=x>", tags=("a",)),
            actor=desk["tier1"],
        )
        comments.comment(ticket.number, "<script>y</script> [y](JaVaScRiPt:y)", actor=desk["tier1"])
        html = source(one, ticket)
        assert "<script>x" not in html
        assert "<script>y" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html.lower()


class TestOffers:
    def test_they_follow_the_life_of_the_ticket(self, one: Client, ticket: Ticket, desk: People) -> None:
        assert offers(source(one, ticket)) == ["claim", "assign", "escalate", "resolve", "pause", "edit"]
        assignment.claim(ticket.number, actor=desk["tier1"])
        assert offers(source(one, ticket)) == ["assign", "escalate", "resolve", "pause", "edit"]
        pausing.pause(ticket.number, actor=desk["tier1"], until=timezone.now() + dt.timedelta(hours=1), reason="x")
        assert offers(source(one, ticket)) == ["resume", "assign", "escalate", "resolve", "edit"]
        statuses.resolve(ticket.number, actor=desk["tier1"], code="fixed", note="x")
        assert offers(source(one, ticket)) == ["reopen", "close"]
        statuses.close(ticket.number, actor=desk["tier1"])
        assert offers(source(one, ticket)) == ["reopen"]

    def test_the_word_is_that_of_what_happens(self, one: Client, two: Client, ticket: Ticket, desk: People) -> None:
        assert "Claim" in source(one, ticket)
        assert "Claim" not in source(two, ticket)  # it is not of their tier
        assignment.assign(ticket.number, desk["tier1"], actor=desk["lead"])
        assert "Acknowledge" in source(one, ticket)

    def test_in_the_last_tier_there_are_vendors(self, client_as: SignIn, desk: People) -> None:
        ticket = open_ticket(Draft("x", "y", tier=3), actor=desk["tier1"])
        assert offers(source(client_as("tier3"), ticket)) == [
            *("claim", "assign", "vendor", "resolve", "hand-back", "pause", "edit")
        ]

    def test_who_may_only_read_is_told_so(self, client_as: SignIn, ticket: Ticket) -> None:
        html = source(client_as("viewer"), ticket)
        assert offers(html) == []
        assert "Your role lets you read tickets, not work on them." in html
        assert "not comment on them" in html

    def test_the_keys_press_them(self, one: Client, ticket: Ticket) -> None:
        html = source(one, ticket)
        for deed, key in (("claim", "a"), ("assign", "i"), ("escalate", "e"), ("resolve", "r")):
            assert re.search(rf'id="do-{deed}"[^>]*aria-keyshortcuts="{key}"', html)


class TestClocks:
    def test_each_tier_has_one_and_one_is_over_all(self, one: Client, ticket: Ticket) -> None:
        tier1, tier2, tier3, overall = clocks(source(one, ticket))
        assert "59m" in tier1
        assert "Response within 1 h" in tier1
        assert "Not started Response within 2 h, starts on escalation" in tier2
        assert "Response within 4 h" in tier3
        assert "no target" in overall

    def test_a_response_is_met_or_late(self, one: Client, ticket: Ticket, desk: People) -> None:
        begun = timezone.now() - dt.timedelta(minutes=20)
        Stint.objects.update(entered_at=begun)
        assignment.claim(ticket.number, actor=desk["tier1"])
        assert "Met in 20m" in clocks(source(one, ticket))[0]
        Stint.objects.update(entered_at=begun - dt.timedelta(hours=1), breached_at=begun)
        assert "Late, after 1h 20m" in clocks(source(one, ticket))[0]

    def test_one_that_nobody_answered_is_missed(self, one: Client, ticket: Ticket, desk: People) -> None:
        Stint.objects.update(entered_at=timezone.now() - dt.timedelta(hours=2))
        assert "1h over" in clocks(source(one, ticket))[0]
        handing.escalate(ticket.number, actor=desk["lead"], criterion="System outages", reason="x")
        first, second = clocks(source(one, ticket))[:2]
        assert "Missed No response within 1 h; left after 2h" in first
        assert "1h 59m left" in second

    def test_a_paused_one_stands_still(self, one: Client, ticket: Ticket, desk: People) -> None:
        Stint.objects.update(entered_at=timezone.now() - dt.timedelta(minutes=20))
        until = timezone.now() + dt.timedelta(hours=3)
        pausing.pause(ticket.number, actor=desk["lead"], until=until, reason="The release")
        html = source(one, ticket)
        assert "Paused, 39m" in clocks(html)[0] or "Paused, 40m" in clocks(html)[0]
        assert "Paused (The release); goes on by itself in 2h 59m." in words(html)

    def test_a_resolution_target_is_over_all(self, one: Client, desk: People) -> None:
        Tier.objects.get(number=1).targets.filter(severity="high").update(resolution_minutes=240)
        ticket = open_ticket(Draft("x", "y", severity="high"), actor=desk["tier1"])
        assert "Resolution within 4 h" in clocks(source(one, ticket))[3]
        assignment.claim(ticket.number, actor=desk["tier1"])
        assert "It must be resolved in 3h 59m" in read(one, ticket)

    def test_they_are_read_again_with_what_comes_next(self, one: Client, ticket: Ticket) -> None:
        html = one.get(f"/tickets/{ticket.number}/clocks/", headers=HTMX).content.decode()
        assert html.strip().startswith('<ol class="clocks" id="ticket-clocks"')
        assert re.search(r'id="ticket-next"[^>]*hx-swap-oob="true"', html)

    def test_a_ticket_without_stays_has_a_page(self, one: Client, ticket: Ticket) -> None:
        Stint.objects.all().delete()
        assert "Not started" in read(one, ticket)
        Ticket.objects.update(status="resolved", resolved_at=timezone.now(), kind="")
        assert "Resolved in 0s" in read(one, ticket)


class TestSide:
    def test_who_has_it_and_has_not_accepted_it(self, one: Client, ticket: Ticket, desk: People) -> None:
        assignment.assign(ticket.number, desk["tier1"], actor=desk["lead"])
        text = read(one, ticket)
        assert "tier1 has not accepted it yet" in text
        assert "Why me lead assigned it to tier1" in text
        desk["tier1"].retired_at = timezone.now()
        desk["tier1"].save()
        assert "has left" in read(self.lead(one, desk), ticket)

    def lead(self, client: Client, desk: People) -> Client:
        client.force_login(desk["lead"], backend="zbmaint.access.backend.RoleBackend")
        return client

    def test_why_names_the_rule_what_matched_and_who_was_passed_over(self, one: Client, ticket: Ticket) -> None:
        why = {
            "how": "rule",
            "rule": "Database, tier 1",
            "matched": {"tags": "mail"},
            "passed_over": [{"person": "b.away", "why": "away until Monday"}],
        }
        Entry.objects.filter(kind="assigned").update(data={"why": why})
        text = read(one, ticket)
        assert "Rule Database, tier 1 Tags mail" in text
        assert "Passed over b.away away until Monday" in text

    def test_how_often_that_has_happened_and_how_it_ended(self, one: Client, ticket: Ticket, desk: People) -> None:
        statuses.resolve(ticket.number, actor=desk["tier1"], code="workaround", note="x")
        again = open_ticket(Draft("MAIL is late", "z"), actor=desk["tier1"])
        Ticket.objects.filter(pk=ticket.pk).update(created_at=timezone.now() - dt.timedelta(days=29))
        assert f"2nd of this kind in 30 days {ticket} Mail is late Workaround in place, by tier1" in read(one, again)
        Ticket.objects.filter(pk=ticket.pk).update(created_at=timezone.now() - dt.timedelta(days=31))
        assert "of this kind" not in read(one, again)

    def test_how_long_it_took_three_ways(self, one: Client, ticket: Ticket, desk: People) -> None:
        Stint.objects.update(entered_at=timezone.now() - dt.timedelta(hours=5))
        statuses.resolve(ticket.number, actor=desk["tier1"], code="fixed", note="x")
        text = read(one, ticket)
        assert "Took 5h by the clock 5h in the tiers’ hours 5h without pauses" in text
        assert "Closes by itself in 6d 23h, unless somebody reopens it." in text

    def test_every_stay_is_there_with_its_figures(self, one: Client, ticket: Ticket, desk: People) -> None:
        handing.escalate(ticket.number, actor=desk["tier1"], criterion="System outages", reason="x")
        handing.hand_back(ticket.number, actor=desk["tier2"], criterion="Password resets", reason="x")
        stays = read(one, ticket).split("Every stay")[1]
        assert re.search(
            r"Tier 1, opened by viewer.*Tier 2, escalated by tier1: System outages.*"
            r"Tier 1, handed back by tier2: Password resets",
            stays,
        )

    def test_people_watch_it_and_no_longer(self, client_as: SignIn, ticket: Ticket) -> None:
        manager = client_as("manager")
        assert "You watch" in words(manager.post(f"/tickets/{ticket.number}/watch/", follow=True).content.decode())
        assert ticket.watchers.filter(person__username="manager").exists()
        assert "Stop watching" in read(manager, ticket)
        manager.post(f"/tickets/{ticket.number}/unwatch/")
        assert not ticket.watchers.filter(person__username="manager").exists()


def test_the_queries_of_the_page_do_not_grow(
    one: Client, ticket: Ticket, desk: People, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one.get(f"/tickets/{ticket.number}/")
    # Session; person with role and permissions; ticket; entries; stays; targets; the assignment; kind; watchers; two
    # banners; saved views. What this ticket has not (pauses, links, vendors) is not asked for.
    with django_assert_num_queries(12):
        source(one, ticket)
    now = timezone.now()
    entries = [Entry(ticket=ticket, kind="comment", text="x", at=now, actor=desk["tier1"]) for _ in range(PAGE_SIZE)]
    Entry.objects.bulk_create(entries)
    for _ in range(2):
        handing.escalate(ticket.number, actor=desk["tier1"], criterion="System outages", reason="x")
        handing.hand_back(ticket.number, actor=desk["tier2"], criterion="Password resets", reason="x")
    with django_assert_num_queries(12):
        source(one, ticket)
    with django_assert_num_queries(8):
        one.get(f"/tickets/{ticket.number}/activity/")
    with django_assert_num_queries(5):
        one.get(f"/tickets/{ticket.number}/clocks/")


def test_what_a_deed_leads_to_is_the_page(one: Client, ticket: Ticket) -> None:
    assert "is yours, and in progress." in do(one, ticket, "claim")
