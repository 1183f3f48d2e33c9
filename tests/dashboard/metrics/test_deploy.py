"""What is shipped for Prometheus and Grafana, and the document, name metrics that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.utils import timezone

from zbmaint.dashboard.metrics.all_parts import families

pytestmark = pytest.mark.django_db
RULES = Path(settings.BASE_DIR, "deploy/prometheus/rules.yml")
DASHBOARD = Path(settings.BASE_DIR, "deploy/grafana/dashboard.json")
DOCUMENT = Path(settings.BASE_DIR, "docs/metrics.md")
NAMED = re.compile(r"zbmaint_[a-z_]+")
PROMTOOL = shutil.which("promtool")


def names() -> set[str]:
    """Every name that a sample of /metrics may have."""
    now = timezone.now()
    found = set()
    for family in families(now):
        ends = ("_bucket", "_sum", "_count") if family.kind == "histogram" else ("",)
        found |= {family.name + end for end in ends}
    return found


def test_rules_name_metrics_that_there_are() -> None:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 7
    for rule in rules:
        assert set(NAMED.findall(rule["expr"])) <= names(), rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"]


def test_the_dashboard_names_metrics_that_there_are() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    used = set()
    for panel in panels:
        assert panel["targets"], panel["title"]
        for target in panel["targets"]:
            found = set(NAMED.findall(target["expr"]))
            assert found, panel["title"]
            assert found <= names(), panel["title"]
            assert target["datasource"]["uid"] == "${datasource}"
            used |= found
    assert len(used) > 20
    assert not overlapping(panels)


def overlapping(panels: list[dict[str, Any]]) -> list[tuple[str, str]]:
    def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
        at = panel["gridPos"]
        return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}

    return [
        (one["title"], other["title"])
        for number, one in enumerate(panels)
        for other in panels[number + 1 :]
        if cells(one) & cells(other)
    ]


def test_the_document_has_every_metric_and_no_other() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text.split("## What there is")[1].split("The specification's")[0]
    documented = set(re.findall(r"`(zbmaint_[a-z_]+)", table))
    plain = {re.sub(r"(?<=_seconds)_(bucket|sum|count)$", "", name) for name in names()}
    assert documented == plain


@pytest.mark.long
@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: sh tests/system_packages.sh long")
def test_prometheus_itself_takes_rules_and_metrics(client: Client, tmp_path: Path) -> None:
    assert PROMTOOL
    told = Path(__file__).with_name("rules_test.yml").read_text(encoding="utf-8")
    cases = tmp_path / "rules_test.yml"
    cases.write_text(told.replace("RULES", str(RULES)), encoding="utf-8")
    page = client.get("/metrics").content
    for command, given in (
        (["check", "rules", str(RULES)], b""),
        (["test", "rules", str(cases)], b""),
        (["check", "metrics"], page),
    ):
        done = subprocess.run([PROMTOOL, *command], input=given, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
