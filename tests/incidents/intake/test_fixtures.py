"""What every kind of source makes of a body. The files in `fixtures/` are the specification."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from incidents.intake.catalog import CATALOG
from incidents.intake.group import Group, Reading, Unreadable
from incidents.models.source import usual_severities

FIXTURES = sorted(Path(__file__).with_name("fixtures").glob("*.json"))


def plain(value: Any) -> Any:
    """A value of a group as a fixture says it."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def of_group(group: Group, name: str) -> Any:
    if name == "links":
        return {reference.kind: reference.url for reference in group.references}
    return plain(getattr(group, name))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixture(path: Path) -> None:
    spec = json.loads(path.read_text(encoding="utf-8"))
    how = Reading(usual_severities(), "medium", dt.datetime.fromisoformat(spec["received_at"].replace("Z", "+00:00")))
    kind = CATALOG[spec["kind"]]
    if "unreadable" in spec:
        with pytest.raises(Unreadable) as refused:
            kind.read(spec["body"], how)
        assert spec["unreadable"] in str(refused.value)
        return
    kind.check(spec["body"])
    group = kind.read(spec["body"], how)
    assert {name: of_group(group, name) for name in spec["group"]} == spec["group"]
    assert len(group.instances) == len(spec["instances"])
    assert len({each.fingerprint for each in group.instances}) == len(group.instances)
    for told, expected in zip(group.instances, spec["instances"], strict=True):
        assert {name: plain(getattr(told, name)) for name in expected} == expected


def test_every_kind_has_fixtures_of_both_sorts() -> None:
    names = {path.stem for path in FIXTURES}
    for key in CATALOG:
        of_kind = [
            json.loads((FIXTURES[0].parent / f"{name}.json").read_text()) for name in names if name.startswith(key)
        ]
        assert any("unreadable" in spec for spec in of_kind)
        assert any("group" in spec for spec in of_kind)


@pytest.mark.parametrize("key", CATALOG)
def test_the_test_alert_of_a_kind_can_be_read_and_cleared(key: str) -> None:
    now = dt.datetime(2026, 4, 5, 3, tzinfo=dt.UTC)
    how, kind = Reading(usual_severities(), "medium", now), CATALOG[key]
    fires, ends = (kind.read(kind.sample("shop", status, now), how) for status in ("firing", "resolved"))
    assert fires.key == ends.key
    assert [each.fingerprint for each in fires.instances] == [each.fingerprint for each in ends.instances]
    assert [each.status for each in (*fires.instances, *ends.instances)] == ["firing", "resolved"]
    assert (fires.severity, fires.flags) == ("low", ())
