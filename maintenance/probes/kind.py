"""What a kind of probe is: its parameters, how they are checked, and one look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from maintenance.models import Component, Target
from maintenance.rules.probe_states import DEGRADED, DOWN, UP

Parameters = Mapping[str, Any]


class BadParameter(Exception):
    """A parameter cannot be. The message is for people; `name` is the parameter's."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Parameter:
    """One thing that people decide about a probe of a kind. `choices` are what may be chosen, of a `choice`."""

    name: str
    label: str
    help: str = ""
    form: Literal["text", "number", "flag", "choice"] = "text"
    default: Any = ""
    required: bool = False
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Order:
    """What is to be looked at: `reference` is that of the target, empty without one; `seconds` limit the whole look."""

    parameters: Parameters
    seconds: float
    reference: str = ""


@dataclass(frozen=True)
class Look:
    """What was seen. `reason` is one sentence without a secret, empty while all is well.

    `answered`: something replied, or there was nowhere to ask, so that a failure is not one of the network in between.
    `numbers` asks for what the target tells by the way (figures of `rules.prometheus_text`; empty when it does not),
    within so many seconds. That is no part of the look: neither its state nor its time may depend on it.
    """

    state: str
    reason: str = ""
    answered: bool = True
    numbers: Callable[[float], Mapping[str, float]] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of probe. `check` returns the parameters as they are kept, or raises BadParameter.

    `look` may take as long as the order says, and a little more; it runs in a thread of its own that is given up when
    it does not end, and so must not use Django's connection. `remote`: what is looked at may be behind a network.
    `needs_target` says that its credentials are a target's, `target_kind` what that target is. `category` is that of
    its tickets. `component` is the part of the platform that one tells of, unless people say otherwise. `place` says in
    a few words what is looked at.
    """

    key: str
    title: str
    parameters: tuple[Parameter, ...]
    check: Callable[[Parameters], dict[str, Any]]
    look: Callable[[Order], Look]
    place: Callable[[Parameters], str]
    remote: bool = True
    needs_target: bool = False
    target_kind: str = Target.Kind.DATABASE
    category: str = "infrastructure"
    component: Component = Component.EXTERNAL


def down(reason: str, *, answered: bool = True) -> Look:
    """It does not work."""
    return Look(DOWN, reason, answered)


def degraded(reason: str) -> Look:
    """It works, and not as well as it should."""
    return Look(DEGRADED, reason)


def up() -> Look:
    """It works."""
    return Look(UP)


def number(given: Parameters, name: str, least: int, most: int) -> int:
    """The whole number `name`, from `least` to `most`. Raises BadParameter."""
    value = given.get(name)
    try:
        read = int(str(value))
    except ValueError:
        read = least - 1
    if not least <= read <= most:
        raise BadParameter(name, f"Write a whole number from {least:,} to {most:,}.")
    return read


def text(given: Parameters, name: str, longest: int) -> str:
    """The text `name` without blanks around it. Raises BadParameter when it cannot be kept or is too long."""
    value = str(given.get(name) or "").strip()
    if "\0" in value:
        raise BadParameter(name, "Null characters are not allowed.")
    if len(value) > longest:
        raise BadParameter(name, f"At most {longest:,} characters, not {len(value):,}.")
    return value
