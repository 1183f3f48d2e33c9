"""The overview's health: how each part of the platform is, by its probes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Final, NamedTuple

from maintenance.models import Component, Probe
from maintenance.rules import probe_states
from maintenance.rules.probe_states import Standing, Terms
from zbmaint.prepared import Prepared

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


class Looked(NamedTuple):
    """What is read of a probe: two hundred of them are read at once, and rows of a model take ten times as long."""

    component: str
    name: str
    paused_at: dt.datetime | None
    planned_until: dt.datetime | None
    interval_seconds: int
    timeout_seconds: int
    last_at: dt.datetime | None
    state: str
    state_since: dt.datetime | None
    in_window: bool

    def shown(self, now: dt.datetime) -> str:
        """The state to show at `now`, as `Probe.state_at` has it."""
        planned = self.in_window or (self.planned_until is not None and now < self.planned_until)
        standing = Standing(self.last_at, self.state, self.state_since)
        terms = Terms(self.interval_seconds, self.timeout_seconds)
        return probe_states.shown(standing, terms, now, paused=self.paused_at is not None, planned=planned)


A_MOMENT: Final = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
LOOKED: Final = Prepared(
    lambda now: Probe.objects.with_windows(now).filter(retired_at__isnull=True).values_list(*Looked._fields), A_MOMENT
)


def read_parts(now: dt.datetime) -> list[Part]:
    """The parts that are looked at; one query."""
    probes: dict[str, list[Looked]] = defaultdict(list)
    for probe in map(Looked._make, LOOKED.rows(now)):
        probes[probe.component].append(probe)
    return [_part(component, probes[component], now) for component in Component.values if probes[component]]


def _part(component: str, probes: list[Looked], now: dt.datetime) -> Part:
    states = [probe.shown(now) for probe in probes]
    state = min(states, key=WORST.index)
    mine = [probe for probe, each in zip(probes, states, strict=True) if each == state]
    since = [probe.state_since for probe in mine if probe.state_since and probe.state == state]
    return Part(
        Component(component).label, state, min(since, default=None), [probe.name for probe in mine], len(probes)
    )
