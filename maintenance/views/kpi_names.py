"""What the parts of KPIs are called: services, categories, tiers, people."""

from __future__ import annotations

from typing import NamedTuple

from incidents.models import Tier
from maintenance.models import Category, Probe
from zbmaint.access.models import Person


class Service(NamedTuple):
    """A service; `slo` is the uptime aimed at, 0 to 1."""

    pk: int
    name: str
    slo: float | None


class Names(NamedTuple):
    """All that KPI pages call by name, so that a page kept for what it shows is never older than a name."""

    services: tuple[Service, ...]
    categories: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[int, str], ...]
    people: tuple[tuple[int, str, str], ...]

    def service(self, pk: int) -> Service:
        """A service; by its number when it is gone."""
        return next((each for each in self.services if each.pk == pk), Service(pk, f"Service {pk}", None))

    def service_choices(self) -> list[tuple[str, str]]:
        """Services to choose from."""
        return [(str(each.pk), each.name) for each in self.services]


def read() -> Names:
    """Four queries."""
    probes = Probe.objects.order_by("name").values_list("pk", "name", "slo_percent", "retired_at")
    return Names(
        services=tuple(
            Service(pk, f"{name} (retired)" if retired else name, None if slo is None else float(slo) / 100)
            for pk, name, slo, retired in probes
        ),
        categories=tuple(Category.objects.order_by("rank", "name").values_list("key", "name")),
        tiers=tuple(Tier.objects.order_by("number").values_list("number", "name")),
        people=tuple(Person.objects.order_by("pk").values_list("pk", "username", "name")),
    )
