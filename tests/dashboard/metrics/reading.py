"""A strict reader of the text format of Prometheus: what is not exactly right fails."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
HELP = re.compile(rf"# HELP ({NAME}) ((?:[^\\\n]|\\\\|\\n)+)")
TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge|histogram)")
Labels = frozenset[tuple[str, str]]


@dataclass
class Metric:
    """One family: its kind, what it says, and its samples by name and labels."""

    kind: str
    says: str
    samples: dict[tuple[str, Labels], float] = field(default_factory=dict)

    def value(self, **labels: str) -> float | None:
        """The sample with exactly these labels."""
        found = [value for (_, of), value in self.samples.items() if of == frozenset(labels.items())]
        assert len(found) <= 1
        return found[0] if found else None

    def values(self, label: str) -> set[str]:
        """Every value of a label."""
        return {value for _, of in self.samples for name, value in of if name == label}


def read(text: str) -> dict[str, Metric]:
    """Read a page; raises AssertionError for anything that a strict reader would not take."""
    assert text.endswith("\n")
    metrics: dict[str, Metric] = {}
    name, says = "", ""
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP"):
            found = HELP.fullmatch(line)
            assert found, line
            name, says = found[1], found[2]
            assert name not in metrics, f"{name} comes twice"
        elif line.startswith("#"):
            found = TYPE.fullmatch(line)
            assert found, line
            assert found[1] == name, line
            assert name not in metrics, line
            metrics[name] = Metric(found[2], says)
        else:
            add(metrics[name], name, line)
    for name, metric in metrics.items():
        check(name, metric)
    return metrics


def add(metric: Metric, name: str, line: str) -> None:
    found = SAMPLE.fullmatch(line)
    assert found, line
    assert found[1] in ((f"{name}_bucket", f"{name}_sum", f"{name}_count") if metric.kind == "histogram" else (name,))
    labels = LABEL.findall(found[2] or "")
    assert ",".join(f'{key}="{value}"' for key, value in labels) == (found[2] or ""), line
    assert len({key for key, _ in labels}) == len(labels), line
    key = (found[1], frozenset((label, unescaped(value)) for label, value in labels))
    assert key not in metric.samples, f"{line} comes twice"
    metric.samples[key] = float(found[3])


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)


def check(name: str, metric: Metric) -> None:
    assert metric.samples, name
    assert name.endswith("_total") == (metric.kind == "counter"), name
    if metric.kind != "gauge":
        assert all(value >= 0 for value in metric.samples.values()), name
    if metric.kind == "histogram":
        check_histogram(name, metric)


def check_histogram(name: str, metric: Metric) -> None:
    series: dict[Labels, list[tuple[float, float]]] = {}
    for (sample, labels), value in metric.samples.items():
        if sample == f"{name}_bucket":
            bound = float(dict(labels)["le"])
            series.setdefault(frozenset(pair for pair in labels if pair[0] != "le"), []).append((bound, value))
    assert {labels for (sample, labels) in metric.samples if sample == f"{name}_count"} == set(series)
    for labels, buckets in series.items():
        assert buckets == sorted(buckets), (name, labels)
        assert [value for _, value in buckets] == sorted(value for _, value in buckets), (name, labels)
        assert buckets[-1] == (math.inf, metric.samples[f"{name}_count", labels])
        assert (f"{name}_sum", labels) in metric.samples
