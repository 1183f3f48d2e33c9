"""The overview's health: how each part of the platform is, by its probes and the rule of reports."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Final, NamedTuple

from maintenance.models import Component, Probe
from maintenance.rules import health, probe_states
from maintenance.rules.health import Seen
from maintenance.rules.probe_states import DEGRADED, DOWN, READ, UNKNOWN, UP, Standing, Terms
from zbmaint.prepared import Prepared

FEW: Final = 2


@dataclass(frozen=True)
class Part:
    """A part of the platform: how it is, since when, and, when not all of its services are so, which are not well."""

    name: str
    state: str
    since: dt.datetime | None
    says: str


class Looked(NamedTuple):
    """What is read of a probe: two hundred of them are read at once, and rows of a model take ten times as long."""

    component: str
    name: str
    critical: bool
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
    seen = [(probe, Seen(probe.name, probe.shown(now), probe.critical)) for probe in probes]
    whole = health.together([each for _, each in seen])
    counted = [(probe, each) for probe, each in seen if each.state in READ]
    said = _said(whole.state, {each.state for _, each in counted})
    mine = [(probe, each) for probe, each in counted if each.state == said]
    # What is stored says since when, unless the reading has become too old to be believed.
    since = [probe.state_since for probe, _ in mine if probe.state == said and probe.state_since is not None]
    named = [each.name for _, each in sorted(mine, key=lambda one: not one[1].critical)]
    says = whole.says if not counted else "" if len(mine) == len(counted) else _listed(named)
    if says and counted and said != whole.state:
        says += f" {said}"
    return Part(Component(component).label, whole.state, min(since, default=None), says)


def _said(whole: str, states: set[str]) -> str:
    """In which state those services are that there is something to say of: by the rule, why the whole is as it is."""
    if whole == DEGRADED:
        return DOWN if DOWN in states else DEGRADED
    return UNKNOWN if whole == UP else whole


def _listed(names: list[str]) -> str:
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")
