"""The text format of Prometheus, version 0.0.4."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from django.db.models import F, FloatField, Func

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_IN_LABELS: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_IN_HELP: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})


@dataclass
class Family:
    """One metric with its samples. `add` leaves out what is not known: a sample without a value is none."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    says: str
    lines: list[str] = field(default_factory=list)

    def add(self, value: float | dt.datetime | dt.timedelta | None, **labels: str) -> None:
        """Add a sample; moments become Unix time, lengths seconds."""
        if value is not None:
            self.lines.append(f"{self.name}{_labels(labels)} {_number(value)}")

    def put(self, value: float | None, labels: str) -> None:
        """The same for one of many: with labels as `label` writes them, joined by commas."""
        if value is not None:
            self.lines.append(f"{self.name}{{{labels}}} {value!r}")

    def joined(self) -> Family:
        """The same, to be written many times: its samples are one text."""
        return Family(self.name, self.kind, self.says, ["\n".join(self.lines)] if self.lines else [])

    def add_histogram(self, bounds: Sequence[float], counts: Sequence[int], total: float, **labels: str) -> None:
        """Add a histogram: how many fall under each bound and not under the one before, and how many over the last."""
        seen = 0
        for bound, count in zip((*bounds, math.inf), counts, strict=True):
            seen += count
            self.lines.append(f"{self.name}_bucket{_labels({**labels, 'le': _number(bound)})} {seen}")
        self.lines.append(f"{self.name}_sum{_labels(labels)} {_number(total)}")
        self.lines.append(f"{self.name}_count{_labels(labels)} {seen}")


def text(families: Iterable[Family]) -> str:
    """All families as one page; one without samples is left out."""
    parts: list[str] = []
    for family in families:
        if family.lines:
            parts.append(f"# HELP {family.name} {family.says.translate(_IN_HELP)}")
            parts.append(f"# TYPE {family.name} {family.kind}")
            parts.extend(family.lines)
    return "\n".join(parts) + "\n"


def unix(name: str) -> Func:
    """A moment of the database as seconds of Unix time: to make each a datetime would cost most of a scrape."""
    return Func(F(name), template="date_part('epoch', %(expressions)s)", output_field=FloatField())


@lru_cache(maxsize=4096)
def label(name: str, value: str) -> str:
    """One label as it stands between the braces: there are few, and each has many samples."""
    return f'{name}="{value.translate(_IN_LABELS)}"'


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(label(name, value) for name, value in labels.items()) + "}"


def _number(value: float | dt.datetime | dt.timedelta) -> str:
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, dt.datetime):
        value = value.timestamp()
    elif isinstance(value, dt.timedelta):
        value = value.total_seconds()
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
