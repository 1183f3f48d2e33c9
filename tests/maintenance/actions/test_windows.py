"""Maintenance windows: who may let what count, and who is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from incidents.models import Stakeholder
from maintenance.actions import windows
from maintenance.actions.windows import Wanted, WindowRefused
from maintenance.models import MaintenanceWindow, Probe
from tests.maintenance.probing import START, make_probe
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications.models import Notice
from zbmaint.rollup.models import Stale

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
People = dict[str, Person]


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def web(clock: Any, people: People) -> Probe:
    return make_probe()


def wanted(*services: Probe, **other: Any) -> Wanted:
    given = Wanted(services, START + HOUR, START + 3 * HOUR, "New release")
    return replace(given, **other)


def test_one_is_asked_for_approved_and_withdrawn_with_a_record_of_each(web: Probe, people: People) -> None:
    window = windows.request(wanted(web), actor=people["tier2"])
    assert not MaintenanceWindow.objects.approved().exists()
    window = windows.approve(window, actor=people["lead"])
    assert list(MaintenanceWindow.objects.approved()) == [window]
    window = windows.withdraw(window, actor=people["tier2"])
    assert not MaintenanceWindow.objects.approved().exists()
    assert (window.requested_by, window.approved_by, window.withdrawn_by) == (
        *(people["tier2"], people["lead"], people["tier2"]),
    )
    entries = AuditEntry.objects.filter(target_kind="maintenancewindow").order_by("pk")
    assert [(entry.verb, entry.actor) for entry in entries] == [
        ("window_requested", people["tier2"]),
        ("window_approved", people["lead"]),
        ("window_withdrawn", people["tier2"]),
    ]
    asked = entries[0].after or {}
    assert (asked["services"], asked["from"], asked["reason"]) == (["Web"], "2026-04-05T04:00:00+00:00", "New release")


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"services": ()}, "services", "at least one service"),
        ({"ends_at": START + HOUR}, "ends_at", "must end after it begins"),
        ({"ends_at": START}, "ends_at", "must end after it begins"),
        ({"ends_at": START + HOUR + 7 * DAY + dt.timedelta(seconds=1)}, "ends_at", "At most 7 days"),
        ({"begins_at": START - 32 * DAY, "ends_at": START - 31.5 * DAY}, "begins_at", "At most 31 days back"),
        ({"begins_at": START + 400 * DAY, "ends_at": START + 401 * DAY}, "begins_at", "At most a year ahead"),
        ({"reason": " \n "}, "reason", "Say why"),
        ({"reason": "x" * 201}, "reason", "At most 200 characters, not 201"),
        ({"reason": "a\0b"}, "reason", "Null characters"),
    ],
)
def test_what_cannot_be_is_refused(web: Probe, people: People, wrong: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(WindowRefused, match=says) as refused:
        windows.request(wanted(web, **wrong), actor=people["tier2"])
    assert refused.value.field == field
    assert not MaintenanceWindow.objects.exists()


def test_a_retired_service_needs_none(web: Probe, people: People) -> None:
    window = windows.request(wanted(web), actor=people["tier2"])
    Probe.objects.filter(pk=web.pk).update(retired_at=timezone.now())
    web.refresh_from_db()
    with pytest.raises(WindowRefused, match="Web is retired"):
        windows.request(wanted(web), actor=people["tier2"])
    with pytest.raises(WindowRefused, match="Web was retired meanwhile"):
        windows.approve(window, actor=people["lead"])


def test_seven_days_and_what_has_passed_are_possible(web: Probe, people: People) -> None:
    windows.request(wanted(web, ends_at=START + HOUR + 7 * DAY), actor=people["tier2"])
    windows.request(wanted(web, begins_at=START - 2 * DAY, ends_at=START - DAY), actor=people["tier2"])
    assert MaintenanceWindow.objects.count() == 2


class TestOnesOwn:
    def test_it_may_be_approved_before_it_begins(self, web: Probe, people: People) -> None:
        window = windows.request(wanted(web), actor=people["lead"])
        assert windows.approve(window, actor=people["lead"]).approved_by == people["lead"]

    @pytest.mark.parametrize("after", [HOUR, 2 * HOUR, DAY])
    @pytest.mark.parametrize("who", ["lead", "admin"])
    def test_and_never_afterwards(self, web: Probe, people: People, clock: Any, after: dt.timedelta, who: str) -> None:
        window = windows.request(wanted(web), actor=people[who])
        clock.move_to(START + after)
        with pytest.raises(WindowRefused, match="only somebody else"):
            windows.approve(window, actor=people[who])
        window = windows.approve(window, actor=people["manager"])
        assert window.approved_at == START + after


def test_nothing_is_done_twice(web: Probe, people: People) -> None:
    window = windows.request(wanted(web), actor=people["tier2"])
    windows.approve(window, actor=people["lead"])
    with pytest.raises(WindowRefused, match="lead has approved it already"):
        windows.approve(window, actor=people["admin"])
    windows.withdraw(window, actor=people["tier2"])
    for action in (windows.approve, windows.withdraw):
        with pytest.raises(WindowRefused, match="tier2 has withdrawn it already"):
            action(window, actor=people["admin"])


class TestStale:
    def days(self) -> list[dt.date]:
        found = sorted(row.at.date() for row in Stale.objects.filter(kind="services"))
        Stale.objects.all().delete()
        return found

    def test_days_that_have_passed_are_rolled_up_again(self, web: Probe, people: People) -> None:
        Stale.objects.all().delete()
        asked = wanted(web, begins_at=START - 2 * DAY, ends_at=START + DAY)
        window = windows.request(asked, actor=people["tier2"])
        assert self.days() == []
        passed = [(START - back * DAY).date() for back in (2, 1, 0)]
        windows.approve(window, actor=people["lead"])
        assert self.days() == passed
        windows.withdraw(window, actor=people["tier2"])
        assert self.days() == passed

    def test_what_never_counted_makes_nothing_stale(self, web: Probe, people: People) -> None:
        window = windows.request(wanted(web, begins_at=START - DAY), actor=people["tier2"])
        Stale.objects.all().delete()
        windows.withdraw(window, actor=people["tier2"])
        assert self.days() == []


class TestStakeholders:
    @pytest.fixture(autouse=True)
    def _stakeholders(self, db: None) -> None:
        Stakeholder.objects.all().delete()
        for name, address, active in (
            ("Board", "board@example.org", True),
            ("Board again", "BOARD@example.org", True),
            ("Old", "old@example.org", False),
        ):
            Stakeholder.objects.create(name=name, address=address, active=active, severities=["critical"])
        Stakeholder.objects.create(name="Room", address="CHAT_ROOM_URL", channel="chat")

    def test_they_are_told_when_it_is_approved_and_not_before(self, web: Probe, people: People) -> None:
        window = windows.request(wanted(web, services=(web, make_probe("API"))), actor=people["tier2"])
        assert not Notice.objects.exists()
        windows.approve(window, actor=people["lead"])
        notices = Notice.objects.order_by("transport")
        assert [(notice.transport, notice.recipient.lower()) for notice in notices] == [
            ("chat", "chat_room_url"),
            ("email", "board@example.org"),
        ]
        notice = notices[1]
        assert (notice.kind, notice.topic) == ("window.approved", f"window:{window.pk}")
        assert notice.subject == "Planned work: New release"
        assert notice.payload["text"] == (
            "From 5 Apr 2026, 04:00 UTC until 5 Apr 2026, 06:00 UTC API, Web may be down: New release"
        )
        assert ["Approved by", "lead"] in notice.payload["facts"]
        assert notice.payload["url"] == "/health/windows/"

    def test_and_when_it_is_withdrawn_and_what_has_not_left_stays(self, web: Probe, people: People) -> None:
        window = windows.request(wanted(web), actor=people["tier2"])
        windows.approve(window, actor=people["lead"])
        windows.withdraw(window, actor=people["tier2"])
        states = dict(Notice.objects.filter(transport="email").values_list("kind", "state"))
        assert states["window.approved"] == "cancelled"
        assert states["window.withdrawn"] != "cancelled"

    def test_nobody_is_told_of_one_that_never_counted(self, web: Probe, people: People) -> None:
        windows.withdraw(windows.request(wanted(web), actor=people["tier2"]), actor=people["tier2"])
        assert not Notice.objects.exists()

    def test_one_that_has_passed_is_told_as_such(self, web: Probe, people: People) -> None:
        asked = wanted(web, begins_at=START - 2 * HOUR, ends_at=START - HOUR)
        windows.approve(windows.request(asked, actor=people["tier2"]), actor=people["lead"])
        assert "Web were worked on" in Notice.objects.first().payload["text"]  # type: ignore[union-attr]  # there is one
