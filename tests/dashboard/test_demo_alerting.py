import pytest
from django.utils import timezone

from incidents.models import Delivery, Ticket
from zbmaint.dashboard.demo import alerting

pytestmark = pytest.mark.django_db


def test_a_source_with_tickets_that_hold_alerts_in_every_state() -> None:
    source = alerting.make(timezone.now())
    told = {
        ticket.title: (ticket.status, ticket.severity, sorted(ticket.alerts.values_list("status", flat=True)))
        for ticket in Ticket.objects.filter(source=source.slug)
    }
    assert told == {
        "Latency of the shop is high": ("open", "medium", ["firing"] * 4 + ["resolved"]),
        "Disk of db-reports is filling": ("resolved", "medium", ["resolved"]),
        "A certificate ends in 12 days": ("open", "low", ["firing"]),
    }
    assert set(Delivery.objects.values_list("state", flat=True)) == {"processed"}
