"""Redis (or Valkey): it answers a PING."""

from __future__ import annotations

from typing import Any, Final

from maintenance.connectors.problems import ConnectionProblem
from maintenance.connectors.redis import ping
from maintenance.connectors.references import REFERENCE
from maintenance.models.probe import Component
from maintenance.probes.kind import BadParameter, Kind, Look, Order, Parameter, Parameters, down, text, up


def check(given: Parameters) -> dict[str, Any]:
    """Where the connection URL stands."""
    reference = text(given, "reference", 300)
    if not REFERENCE.fullmatch(reference):
        raise BadParameter("reference", "Write own, env:NAME or file:/path. The connection URL itself is never stored.")
    return {"reference": reference}


def look(order: Order) -> Look:
    """Send a PING."""
    try:
        ping(str(order.parameters["reference"]), order.seconds)
    except ConnectionProblem as problem:
        return down(str(problem), answered=problem.part in ("reference", "login", "server"))
    return up()


def place(given: Parameters) -> str:
    """The reference."""
    return str(given.get("reference", ""))


KIND: Final = Kind(
    key="redis",
    title="Redis",
    parameters=(
        Parameter(
            "reference",
            "Reference",
            "Where the connection URL stands: own (the product's cache), env:NAME or file:/path.",
            default="own",
            required=True,
        ),
    ),
    check=check,
    look=look,
    place=place,
    component=Component.CACHE,
)
