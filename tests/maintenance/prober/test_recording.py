"""Readings in the database, where their probes stand, and the outages that follow."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from incidents.models import Ticket
from maintenance.actions import outages, probes, windows
from maintenance.models import Outage, Probe, Reading, Target
from maintenance.prober.recording import store
from maintenance.rules.probe_states import DOWN, MAINTENANCE, UNKNOWN, UP
from tests.maintenance.probing import START, make_probe, make_window, no_others, read, tell
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _alone(db: None) -> None:
    no_others()


def settle_all() -> int:
    due = outages.unsettled()
    for probe in due:
        outages.settle(probe)
    return len(due)


class TestReadings:
    def test_each_is_stored_once_and_moves_its_probe(self) -> None:
        probe = make_probe()
        store([read(probe, 0), read(probe, 30, DOWN, "HTTP 500")])
        store([read(probe, 30, DOWN, "HTTP 500"), read(probe, 60, DOWN, "HTTP 502")])
        probe.refresh_from_db()
        assert list(Reading.objects.values_list("state", "reason", "milliseconds")) == [
            ("up", "", 12),
            ("down", "HTTP 500", 12),
            ("down", "HTTP 502", 12),
        ]
        assert (probe.state, probe.failures, probe.last_reason) == (DOWN, 2, "HTTP 502")
        assert probe.failing_since == probe.state_since == START + dt.timedelta(seconds=30)

    def test_one_that_comes_late_is_stored_and_moves_nothing(self) -> None:
        probe = tell(make_probe(), "uuu")
        store([read(probe, 45, DOWN)])
        probe.refresh_from_db()
        assert (Reading.objects.count(), probe.state, probe.failures) == (4, UP, 0)

    def test_what_the_other_side_says_is_cut_to_one_line(self) -> None:
        probe = make_probe()
        store([read(probe, 0, DOWN, "\0a\nb " + "ж" * 10_000)])
        reason = Reading.objects.get().reason
        assert reason.startswith("a b жж")
        assert len(reason) == 200

    def test_a_probe_that_is_gone_does_not_stop_the_others(self) -> None:
        gone, probe = make_probe("Gone"), make_probe()
        lost = read(gone, 0)
        gone.delete()
        store([lost, read(probe, 0)])
        assert Reading.objects.get().probe == probe

    def test_many_cost_as_few_queries_as_one(self, django_assert_num_queries: Any) -> None:
        made = [make_probe(f"Web {number}") for number in range(50)]
        with django_assert_num_queries(7):  # savepoint and release, lock, windows, insert, late ones, stand
            store([read(probe, 0) for probe in made])

    def test_a_reading_during_planned_work_says_so(self) -> None:
        probe = make_probe(planned_until=START + dt.timedelta(seconds=45))
        tell(probe, "uuu")
        assert list(Reading.objects.values_list("planned", flat=True)) == [True, True, False]

    def test_one_in_a_maintenance_window_says_so(self, people: dict[str, Person]) -> None:
        probe, other = make_probe(), make_probe("Other")
        window = make_window([probe], people["lead"], begins=START + dt.timedelta(seconds=30), seconds=30)
        store([read(each, 30 * place) for each in (probe, other) for place in range(3)])
        assert not Reading.objects.filter(planned=True).exists()
        windows.approve(window, actor=people["admin"])
        store([read(each, 30 * place + 1) for each in (probe, other) for place in range(3)])
        planned = Reading.objects.get(planned=True)
        assert (planned.probe, planned.at) == (probe, START + dt.timedelta(seconds=31))


class TestOutages:
    def test_one_is_confirmed_begins_at_its_first_failure_and_opens_a_ticket(self) -> None:
        probe = tell(make_probe(), "uud")
        assert settle_all() == 0
        store([read(probe, 90, DOWN)])
        assert settle_all() == 1
        outage = Outage.objects.get()
        assert outage.started_at == START + dt.timedelta(seconds=60)
        assert (outage.confirmed_at - outage.started_at).total_seconds() == 30
        ticket = Ticket.objects.get()
        assert (ticket.title, ticket.severity, ticket.key) == ("Web is down", "high", f"probe:{probe.pk}")
        assert "Down since 5 Apr 2026, 03:01 UTC: Refused" in ticket.description
        assert "2 looks in a row, 30 s apart, failed." in ticket.description
        link = ticket.links.get()
        assert (link.kind, link.ref, link.url) == ("outage", str(outage.pk), f"/health/{probe.pk}/")
        assert (settle_all(), Outage.objects.count(), Ticket.objects.count()) == (0, 1, 1)

    def test_the_first_success_ends_it_and_clears_the_ticket(self) -> None:
        probe = tell(make_probe(), "udd")
        settle_all()
        store([read(probe, 90, DOWN), read(probe, 120), read(probe, 150)])
        assert settle_all() == 1
        outage = Outage.objects.get()
        assert outage.ended_at == START + dt.timedelta(seconds=120)
        assert outage.length == dt.timedelta(seconds=90)
        ticket = Ticket.objects.get()
        assert (ticket.status, ticket.clear) == ("resolved", True)
        assert "Web works again" in ticket.entries.values_list("text", flat=True)

    def test_nothing_known_neither_confirms_nor_ends_one(self) -> None:
        probe = tell(make_probe(), "ud")
        store([read(probe, 60, UNKNOWN)])
        assert settle_all() == 0
        store([read(probe, 90, DOWN)])
        assert settle_all() == 1
        store([read(probe, 120, UNKNOWN)])
        assert settle_all() == 0
        assert Outage.objects.going_on().exists()

    def test_during_planned_work_none_begins_until_it_is_over(self) -> None:
        probe = make_probe(planned_until=timezone.now() + dt.timedelta(hours=1))
        tell(probe, "udd")
        assert (settle_all(), outages.settle(probe.pk)) == (0, None)
        Probe.objects.update(planned_until=timezone.now())
        assert settle_all() == 1

    def test_in_a_maintenance_window_none_begins_until_it_is_over_or_withdrawn(self, people: dict[str, Person]) -> None:
        probe, other = make_probe(), make_probe("Other")
        window = make_window([probe], people["lead"])
        windows.approve(window, actor=people["admin"])
        for each in (probe, other):
            tell(each, "udd")
        assert settle_all() == 1
        assert (outages.settle(probe.pk), Outage.objects.get().probe) == (None, other)
        assert probe.state_at(timezone.now()) == MAINTENANCE
        windows.withdraw(window, actor=people["lead"])
        assert settle_all() == 1
        assert probe.state_at(timezone.now()) == UNKNOWN  # read years ago

    def test_pausing_keeps_it_open_and_retiring_ends_it(self) -> None:
        probe = tell(make_probe(), "udd")
        settle_all()
        probes.pause(probe, actor=None)
        assert Outage.objects.going_on().exists()
        probes.retire(probe, actor=None)
        assert not Outage.objects.going_on().exists()
        assert "Web is not looked at any more" in Ticket.objects.get().entries.values_list("text", flat=True)

    @pytest.mark.parametrize("field", ["paused_at", "retired_at"])
    def test_none_begins_for_a_probe_that_is_looked_at_no_more(self, field: str) -> None:
        gone: dict[str, Any] = {field: timezone.now()}
        probe = tell(make_probe(**gone), "udd")
        assert (settle_all(), outages.settle(probe.pk)) == (0, None)

    def test_the_ticket_names_the_target_and_its_category(self, own_target: Target) -> None:
        tell(make_probe("Database", kind="postgres", parameters={}, target=own_target, severity="critical"), "udd")
        settle_all()
        ticket = Ticket.objects.get()
        assert ticket.title == f"Database is down on {own_target}"
        assert (ticket.severity, ticket.category and ticket.category.key) == ("critical", "database")

    def test_the_database_lets_only_one_go_on(self) -> None:
        probe = make_probe()
        Outage.objects.create(probe=probe, started_at=START, confirmed_at=START, reason="a")
        with pytest.raises(IntegrityError), transaction.atomic():
            Outage.objects.create(probe=probe, started_at=START, confirmed_at=START, reason="b")

    def test_one_that_cannot_be_told_is_not_stored_either(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tell(make_probe(), "udd")

        def fail(outage: Outage) -> None:
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr("maintenance.actions.outages.alerts.outage_confirmed", fail)
            with pytest.raises(RuntimeError):
                settle_all()
        assert not Outage.objects.exists()
        assert settle_all() == 1
