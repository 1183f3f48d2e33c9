"""The overview's health: how each part of the platform is, by its probes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from maintenance.models import Component, Probe
from maintenance.rules import probe_states

FEW: Final = 2
# Worst first. What is paused says nothing, when another probe of the part does.
WORST: Final = (
    probe_states.DOWN,
    probe_states.DEGRADED,
    probe_states.UNKNOWN,
    probe_states.MAINTENANCE,
    probe_states.UP,
    probe_states.PAUSED,
)


@dataclass(frozen=True)
class Part:
    """A part of the platform: its worst state, since when, and which of its services are in it."""

    name: str
    state: str
    since: dt.datetime | None
    services: list[str]
    number: int

    @property
    def says(self) -> str:
        """Which services are meant, when not all are in that state."""
        if self.state == probe_states.UP or len(self.services) == self.number:
            return ""
        more = len(self.services) - FEW
        return ", ".join(self.services[:FEW]) + (f" and {more} more" if more > 0 else "")


def read_parts(now: dt.datetime) -> list[Part]:
    """The parts that are looked at; one query."""
    probes: dict[str, list[Probe]] = defaultdict(list)
    for probe in Probe.objects.with_windows(now).filter(retired_at__isnull=True).defer("parameters"):
        probes[probe.component].append(probe)
    return [_part(component, probes[component], now) for component in Component.values if probes[component]]


def _part(component: str, probes: list[Probe], now: dt.datetime) -> Part:
    states = {probe.pk: probe.state_at(now) for probe in probes}
    state = min(states.values(), key=WORST.index)
    mine = [probe for probe in probes if states[probe.pk] == state]
    since = [probe.state_since for probe in mine if probe.state_since and probe.state == state]
    return Part(
        Component(component).label, state, min(since, default=None), [probe.name for probe in mine], len(probes)
    )
