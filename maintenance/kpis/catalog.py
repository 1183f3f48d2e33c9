"""The catalogue of KPIs, in the order in which pages, files and reports have them."""

from __future__ import annotations

from typing import Final

from maintenance.kpis.kpi import GROUPS, Group, Kpi
from maintenance.kpis.platform_kpis import PLATFORM
from maintenance.kpis.ticket_kpis import TICKETS

__all__ = ["GROUPS", "KPIS", "Group", "Kpi", "of_group"]

KPIS: Final[dict[str, Kpi]] = {kpi.key: kpi for kpi in (*PLATFORM, *TICKETS)}


def of_group(group: Group) -> list[Kpi]:
    """The KPIs of a group, in order."""
    return [kpi for kpi in KPIS.values() if kpi.group == group]
