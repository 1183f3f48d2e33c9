"""Outages begin and end here, each with its alert, in the transaction of its row."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from maintenance import alerts
from maintenance.models import Outage, Probe
from maintenance.models.probe import in_window
from maintenance.rules import probe_states


def unsettled() -> list[int]:
    """The probes whose outage is to begin or to end, by what their readings say. One query."""
    goes_on = Exists(Outage.objects.going_on().filter(probe=OuterRef("pk")))
    looked_at = Q(paused_at=None, retired_at=None) & ~Q(planned_until__gt=timezone.now(), planned_until__isnull=False)
    begins = (
        ~Q(goes_on)
        & ~Q(in_window(timezone.now()))
        & looked_at
        & Q(state=probe_states.DOWN, failures__gte=F("confirmations"))
    )
    ends = Q(goes_on) & Q(state__in=probe_states.WORKING, failures=0)
    return list(Probe.objects.filter(begins | ends).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def settle(probe_id: int) -> Outage | None:
    """Begin or end the outage of a probe, whichever its readings ask for, and tell it; None when nothing is to be done.

    Safe to call again, and by several at a time: the probe's row is locked, and asked again.
    """
    probe = Probe.objects.select_for_update(of=("self",)).select_related("target").get(pk=probe_id)
    outage = Outage.objects.going_on().filter(probe=probe).first()
    if outage is None:
        return _begin(probe)
    if probe.state in probe_states.WORKING and probe.failures == 0:
        return _end(outage, probe)
    return None


def end_with_probe(probe: Probe) -> None:
    """End the outage of a probe that is looked at no more. Within the caller's transaction, which locked the probe."""
    outage = Outage.objects.going_on().filter(probe=probe).first()
    if outage is not None:
        _end(outage, probe)


def _begin(probe: Probe) -> Outage | None:
    now, since = timezone.now(), probe.failing_since
    confirmed = probe.state == probe_states.DOWN and probe.failures >= probe.confirmations
    if not confirmed or since is None or probe.is_planned(now) or probe.paused_at or probe.retired_at:
        return None
    outage = Outage.objects.create(
        probe=probe, started_at=since, confirmed_at=probe.last_at or now, reason=probe.last_reason or "It is down."
    )
    alerts.outage_confirmed(outage)
    return outage


def _end(outage: Outage, probe: Probe) -> Outage:
    ended_at = timezone.now() if probe.retired_at else _first_success(outage, probe)
    # The clock may have been put back meanwhile.
    outage.ended_at, outage.probe = max(ended_at, outage.started_at), probe
    outage.save(update_fields=["ended_at"])
    alerts.outage_ended(outage)
    return outage


def _first_success(outage: Outage, probe: Probe) -> dt.datetime:
    later = probe.readings.filter(at__gt=outage.started_at, state__in=probe_states.WORKING)
    first = later.order_by("at").values_list("at", flat=True).first()
    return first or probe.last_at or timezone.now()
