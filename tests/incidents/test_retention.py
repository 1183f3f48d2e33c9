import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from incidents import retention
from incidents.actions import comments, linking, pausing, statuses
from incidents.models import (
    AlertGroup,
    Delivery,
    Entry,
    Link,
    Pause,
    PersonDay,
    Rejection,
    Stint,
    Tag,
    Ticket,
    TicketAlert,
    TicketDay,
    TicketWords,
    VendorEscalation,
    Watcher,
)
from tests.incidents.made import add_vendor, make_ticket, open_one
from tests.incidents.sourcing import keep, make_source, of, tell
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ended(days_ago: int, status: str = "resolved") -> Ticket:
    ticket = make_ticket(key=f"{status} {days_ago}")
    at = NOW - dt.timedelta(days=days_ago)
    Ticket.objects.filter(pk=ticket.pk).update(
        status=status, created_at=at, resolved_at=at if status in ("resolved", "closed") else None
    )
    return ticket


def test_tickets_go_long_after_they_ended_with_their_timeline_and_what_is_open_stays(settings: Any) -> None:
    settings.TICKET_RETENTION_DAYS = 30
    ended(31)
    ended(31, "closed")
    kept = [ended(29), ended(29, "closed"), ended(4000, "open"), ended(4000, "in_progress")]
    assert retention.purge(NOW) == 2
    assert set(Ticket.objects.all()) == set(kept)
    assert set(Entry.objects.values_list("ticket", flat=True)) == {ticket.pk for ticket in kept}


def test_all_that_belongs_to_them_goes_too(settings: Any, people: dict[str, Person]) -> None:
    settings.TICKET_RETENTION_DAYS = 30
    ticket, actor = open_one(tier=3, tags=("old", "shared")), people["tier3"]
    open_one(tags=("shared",))
    pausing.pause(ticket.number, actor=actor, until=timezone.now() + dt.timedelta(hours=1), reason="Waits")
    comments.comment(ticket.number, "Looked at it", actor=actor)
    add_vendor(ticket, actor).seen_by.add(actor)
    linking.link(ticket.number, f"INC-{open_one().number}", actor=actor)
    statuses.resolve(ticket.number, actor=actor, code="fixed", note="x")
    assert retention.purge(timezone.now() + dt.timedelta(days=31)) == 1
    mine = (Entry, Stint, Pause, Watcher, VendorEscalation, TicketWords, Link)
    assert not [model for model in mine if model.objects.filter(ticket_id=ticket.pk).exists()]
    assert list(Tag.objects.values_list("name", flat=True)) == ["shared"]


def test_it_works_in_batches(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TICKET_RETENTION_DAYS = 30
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in range(31, 36):
        ended(days)
    assert retention.purge(NOW) == 5


def test_what_sources_delivered_goes_after_its_days_and_what_waits_stays(settings: Any) -> None:
    settings.PAYLOAD_RETENTION_DAYS = 30
    source = make_source()
    tell(source, of("a"))
    rows = {
        (state, days): keep(source, {}).pk
        for state in ("processed", "failed", "received", "processing")
        for days in (29, 31)
    }
    for (state, days), pk in rows.items():
        Delivery.objects.filter(pk=pk).update(state=state, received_at=NOW - dt.timedelta(days=days))
    for days in (29, 31):
        day = (NOW - dt.timedelta(days=days)).date()
        Rejection.objects.create(source=source, day=day, reason=Rejection.Reason.WRONG_TOKEN)
    assert retention.purge_deliveries(NOW) == 2
    gone = {rows[state, 31] for state in ("processed", "failed")}
    assert set(rows.values()) - set(Delivery.objects.values_list("pk", flat=True)) == gone
    assert Rejection.objects.count() == 1
    assert TicketAlert.objects.count() == 1


def test_days_go_after_theirs(settings: Any, people: dict[str, Person]) -> None:
    settings.ROLLUP_RETENTION_DAYS = 30
    days = [(NOW - dt.timedelta(days=back)).date() for back in (0, 30, 31, 400)]
    for day in days:
        TicketDay.objects.create(day=day, tier=0, severity="")
        PersonDay.objects.create(day=day, person=people["tier1"])
    assert retention.purge_days(NOW) == 4
    for model in (TicketDay, PersonDay):
        assert set(model.objects.values_list("day", flat=True)) == set(days[:2])


def test_alerts_follow_their_tickets(settings: Any) -> None:
    settings.TICKET_RETENTION_DAYS = 30
    source = make_source()
    tell(source, of("a"))
    tell(source, of("a", "resolved"))
    assert retention.purge(timezone.now() + dt.timedelta(days=31)) == 1
    assert not TicketAlert.objects.exists()
    assert not AlertGroup.objects.exists()
