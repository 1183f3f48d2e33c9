"""Application: a Spring Boot application says how it is; its numbers are asked for when that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from maintenance.connectors.application import UP, Health, read_health, read_numbers
from maintenance.connectors.problems import ConnectionProblem
from maintenance.models import Component, Target
from maintenance.probes.kind import Kind, Look, Order, Parameters, degraded, down, up

UNKNOWN: Final = "UNKNOWN"
MOST_NAMED: Final = 4


def check(_given: Parameters) -> dict[str, Any]:
    """Nothing: the target says it all."""
    return {}


def look(order: Order) -> Look:
    """Ask for the health, which alone says how it is."""
    try:
        seen = judge(read_health(order.reference, order.seconds))
    except ConnectionProblem as problem:
        return down(str(problem), answered=problem.part in ("reference", "login", "server"))
    return replace(seen, numbers=partial(_numbers, order.reference))


def _numbers(reference: str, seconds: float) -> Mapping[str, float]:
    try:
        return read_numbers(reference, seconds).figures
    except ConnectionProblem:
        # Many do not expose them. The task that updates metrics says so, and what was cut.
        return {}


def judge(health: Health) -> Look:
    """What the health means; the components that are to blame are named."""
    blamed = {name: said for name, said in health.components.items() if said not in (UP, UNKNOWN)}
    named = ", ".join(f"{name} {said}" for name, said in list(blamed.items())[:MOST_NAMED])
    if len(blamed) > MOST_NAMED:
        named += f" and {len(blamed) - MOST_NAMED} more"
    because = f": {named}." if named else "."
    match health.status:
        case "UP":
            return degraded(f"The application says UP, and of its components{because}") if blamed else up()
        case "DOWN" | "OUT_OF_SERVICE":
            return down(f"The application says {health.status}{because}")
        case _:
            # It answers; how it is, it does not know, or says in a word of its own.
            return degraded(f"The application says {health.status}{because}")


def place(_given: Parameters) -> str:
    """The target says it."""
    return ""


KIND: Final = Kind(
    key="application",
    title="Application",
    parameters=(),
    check=check,
    look=look,
    place=place,
    needs_target=True,
    target_kind=Target.Kind.APPLICATION,
    component=Component.APPLICATION,
)
