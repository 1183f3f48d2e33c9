"""The kinds of sources, each one file of this package. To add one: write it, name it here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from incidents.intake import alertmanager, generic
from incidents.intake.alert import Status
from incidents.intake.group import Group, Reading


@dataclass(frozen=True)
class Kind:
    """How what a kind of source sends is understood.

    `check` looks at a JSON value while its sender waits, `read` makes a group of it; both raise Unreadable. `sample` is
    a body for the test of a source.
    """

    key: str
    label: str
    check: Callable[[Any], None]
    read: Callable[[Any, Reading], Group]
    sample: Callable[[str, Status, dt.datetime], dict[str, Any]]


_ALL: Final = tuple(Kind(kind.KEY, kind.LABEL, kind.check, kind.read, kind.sample) for kind in (alertmanager, generic))
CATALOG: Final = MappingProxyType({kind.key: kind for kind in _ALL})
