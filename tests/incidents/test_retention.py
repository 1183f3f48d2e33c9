import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from incidents import retention
from incidents.actions import comments, linking, pausing, statuses
from incidents.models import Entry, Link, Pause, Stint, Tag, Ticket, TicketWords, VendorEscalation, Watcher
from tests.incidents.made import add_vendor, make_ticket, open_one
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
