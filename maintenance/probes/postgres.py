"""PostgreSQL: a target lets us in and answers a query."""

from __future__ import annotations

from typing import Any, Final

from maintenance.connectors.postgres_ping import ping
from maintenance.connectors.problems import ConnectionProblem
from maintenance.models.probe import Component
from maintenance.probes.kind import Kind, Look, Order, Parameters, down, up


def check(_given: Parameters) -> dict[str, Any]:
    """Nothing: the target says it all."""
    return {}


def look(order: Order) -> Look:
    """Sign in and ask for 1."""
    try:
        ping(order.reference, order.seconds)
    except ConnectionProblem as problem:
        return down(str(problem), answered=problem.part in ("reference", "login", "database", "tls"))
    return up()


def place(_given: Parameters) -> str:
    """The target says it."""
    return ""


KIND: Final = Kind(
    key="postgres",
    title="PostgreSQL",
    parameters=(),
    check=check,
    look=look,
    place=place,
    needs_target=True,
    category="database",
    component=Component.DATABASE,
)
