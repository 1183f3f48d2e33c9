"""Alerts come in: one ticket a key, whoever is first; repeats join; a source never overrules a person."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from incidents.actions.intake import receive
from incidents.intake.alert import Reference
from incidents.models import Entry, Link, Status, Ticket
from tests.incidents.made import alert, make_ticket, resolved
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
RUN = Reference("run", "7", "Run 7", "/runs/7/")


def kinds(ticket: Ticket) -> list[str]:
    """What happened to it, but for who it was given to."""
    return list(ticket.entries.exclude(kind__in=("assigned", "unnotified")).values_list("kind", flat=True))


def verbs(ticket: Ticket) -> list[str]:
    entries = AuditEntry.objects.filter(target_kind="ticket", target_id=str(ticket.pk)).order_by("id")
    return list(entries.values_list("verb", flat=True))


class TestFiring:
    def test_it_opens_a_ticket_with_all_that_it_says(self) -> None:
        ticket = make_ticket(description="98% used", reporter="Probes", tags=("disk",), references=(RUN,))
        ticket.refresh_from_db()
        assert (ticket.title, ticket.description, ticket.severity) == ("Disk of ops-1 is full", "98% used", "medium")
        assert (ticket.status, ticket.source, ticket.key) == ("open", "test", "disk:ops-1")
        assert (ticket.reporter, ticket.tags, ticket.occurrences, ticket.version) == ("Probes", ["disk"], 1, 1)
        assert kinds(ticket) == ["opened"]
        assert ticket.entries.get(kind="opened").data["description"] == "98% used"
        assert [(link.kind, link.ref, link.label, link.url) for link in ticket.links.all()] == [
            ("run", "7", "Run 7", "/runs/7/")
        ]
        assert verbs(ticket) == ["ticket_opened"]

    def test_numbers_are_short_and_grow(self) -> None:
        first, second = make_ticket(key="a"), make_ticket(key="b")
        assert second.number == first.number + 1
        assert str(second) == f"INC-{second.number}"

    def test_a_repeat_joins_the_timeline(self) -> None:
        ticket = make_ticket(references=(RUN,))
        again = receive(alert(references=(RUN, Reference("run", "8", "Run 8", "/runs/8/"))))
        assert again == ticket
        ticket.refresh_from_db()
        assert (ticket.occurrences, ticket.version, kinds(ticket)) == (2, 2, ["opened", "repeated"])
        assert list(ticket.links.values_list("ref", flat=True)) == ["7", "8"]
        assert verbs(ticket) == ["ticket_opened", "ticket_repeated"]

    def test_it_raises_the_severity_and_never_lowers_it(self) -> None:
        ticket = make_ticket(severity="medium")
        receive(alert(severity="critical"))
        receive(alert(severity="low"))
        ticket.refresh_from_db()
        assert ticket.severity == "critical"
        assert kinds(ticket) == ["opened", "repeated", "severity", "repeated"]
        assert ticket.entries.get(kind="severity").text == "changed the severity from medium to critical"

    def test_another_key_and_another_source_get_their_own(self) -> None:
        make_ticket()
        make_ticket(key="disk:ops-2")
        make_ticket(source="other")
        assert Ticket.objects.count() == 3

    def test_after_a_resolve_it_opens_a_new_one(self) -> None:
        first = make_ticket()
        receive(resolved())
        second = make_ticket()
        assert second.pk != first.pk
        first.refresh_from_db()
        assert (first.status, second.status) == ("resolved", "open")

    def test_a_long_title_is_cut_and_a_long_key_is_not_confused(self) -> None:
        one, other = make_ticket(title="x" * 10_000, key="k" * 500 + "1"), make_ticket(key="k" * 500 + "2")
        assert one != other
        assert len(one.title) == 300


class TestResolved:
    def test_the_next_success_clears_what_nobody_has_touched(self) -> None:
        ticket = make_ticket()
        assert receive(resolved(references=(RUN,))) == ticket
        ticket.refresh_from_db()
        assert (ticket.status, ticket.clear) == ("resolved", True)
        assert ticket.cleared_at == ticket.resolved_at is not None
        assert kinds(ticket) == ["opened", "cleared", "status"]
        assert verbs(ticket) == ["ticket_opened", "ticket_resolved"]
        assert ticket.links.get().ref == "7"

    def test_it_never_overrules_a_person(self, people: dict[str, Person]) -> None:
        ticket = make_ticket()
        Entry.objects.create(ticket=ticket, kind="status", text="I look at it", actor=people["tier1"])
        receive(resolved())
        receive(resolved())
        ticket.refresh_from_db()
        assert (ticket.status, ticket.clear, ticket.resolved_at) == ("open", True, None)
        assert kinds(ticket) == ["opened", "status", "cleared"]
        assert verbs(ticket) == ["ticket_opened", "ticket_cleared"]

    def test_one_in_progress_is_only_marked(self) -> None:
        ticket = make_ticket()
        Ticket.objects.update(status=Status.IN_PROGRESS)
        receive(resolved())
        ticket.refresh_from_db()
        assert (ticket.status, ticket.clear) == ("in_progress", True)

    def test_what_comes_again_is_clear_no_longer(self) -> None:
        ticket = make_ticket()
        Ticket.objects.update(status=Status.IN_PROGRESS)
        receive(resolved())
        receive(alert())
        ticket.refresh_from_db()
        assert (ticket.clear, ticket.cleared_at, ticket.occurrences) == (False, None, 2)

    def test_without_a_ticket_nothing_is_written(self) -> None:
        assert receive(resolved()) is None
        assert not Ticket.objects.exists()


class TestConstraints:
    def test_the_database_itself_refuses_a_second_open_ticket_of_a_key(self) -> None:
        ticket = make_ticket()
        with pytest.raises(IntegrityError, match="one_open_ticket_a_key"), transaction.atomic():
            Ticket.objects.create(title="x", source=ticket.source, key=ticket.key, reporter="x", tier_id=1)

    def test_tickets_without_a_key_may_be_many(self) -> None:
        for _ in range(2):
            Ticket.objects.create(title="x", reporter="A person", tier_id=1)
        assert Ticket.objects.count() == 2

    def test_a_resolved_ticket_has_its_time(self) -> None:
        make_ticket()
        with pytest.raises(IntegrityError, match="resolved_at_when_finished"), transaction.atomic():
            Ticket.objects.update(status=Status.RESOLVED)

    def test_all_of_it_is_one_transaction(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_args: object, **_facts: object) -> None:
            raise RuntimeError

        monkeypatch.setattr("incidents.actions.changing.record_all", refuse)
        with pytest.raises(RuntimeError):
            receive(alert(references=(RUN,)))
        assert not Ticket.objects.exists()
        assert not Link.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_bring_the_same_alert_at_once_make_one_ticket(installed: None) -> None:
    workers, rounds = 6, 5
    barrier, failures = Barrier(workers), []

    def bring() -> None:
        try:
            for turn in range(rounds):
                barrier.wait(30)
                receive(alert(key=f"disk:{turn}"))
        except Exception as problem:  # shown below
            failures.append(problem)
            barrier.abort()
        finally:
            connection.close()

    threads = [Thread(target=bring) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (
        list(Ticket.objects.order_by("number").values_list("occurrences", "version")) == [(workers, workers)] * rounds
    )
    assert Entry.objects.exclude(kind__in=("assigned", "unnotified")).count() == workers * rounds
