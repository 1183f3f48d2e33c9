"""Which tables need VACUUM or ANALYZE, and which first."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from maintenance.rules.vacuum_need import (
    AutovacuumSettings,
    Need,
    TableState,
    Urgency,
    age_is_critical,
    autovacuum_is_off,
    in_order,
    needs_analyze,
    parent_is_stale,
    thresholds,
    vacuum_need,
)

SETTINGS = AutovacuumSettings(
    vacuum_threshold=50,
    vacuum_scale_factor=0.2,
    insert_threshold=1000,
    insert_scale_factor=0.2,
    analyze_threshold=50,
    analyze_scale_factor=0.1,
    freeze_max_age=200_000_000,
    multixact_freeze_max_age=400_000_000,
    failsafe_age=1_600_000_000,
)
POSTGRES_18 = replace(SETTINGS, vacuum_max_threshold=100_000_000)
NOON = dt.datetime(2026, 4, 5, 12, tzinfo=dt.UTC)


def table(name: str = "posts", **facts: Any) -> TableState:
    quiet: dict[str, Any] = {
        "oid": 1,
        "schema": "public",
        "table": name,
        "name": f"public.{name}",
        "dead": 0,
        "live": 0,
        "modified": 0,
        "inserted": 0,
        "rows": 0.0,
        "pages": 0,
        "frozen": 0.0,
        "xid_age": 1,
        "mxid_age": 1,
        "may_maintain": True,
        "options": {},
        "last_vacuum": NOON,
        "last_analyze": NOON,
    }
    return TableState(**quiet | facts)


def need(name: str = "posts", **facts: Any) -> Need:
    found = vacuum_need(SETTINGS, table(name, **facts), 1000)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("server", "facts", "limit"),
    [
        (SETTINGS, {"rows": 0.0}, 50),
        (SETTINGS, {"rows": -1.0}, 50),
        (SETTINGS, {"rows": 1000.0}, 250),
        (SETTINGS, {"rows": 1e9}, 200_000_050),
        (POSTGRES_18, {"rows": 1e9}, 100_000_000),
        (POSTGRES_18, {"rows": 1000.0}, 250),
        (replace(SETTINGS, vacuum_max_threshold=-1), {"rows": 1e9}, 200_000_050),
        (
            replace(SETTINGS, vacuum_max_threshold=-1),
            {"rows": 1e9, "options": {"autovacuum_vacuum_max_threshold": "7"}},
            7,
        ),
        (POSTGRES_18, {"rows": 1e9, "options": {"autovacuum_vacuum_max_threshold": "-1"}}, 200_000_050),
        (SETTINGS, {"rows": 1e9, "options": {"autovacuum_vacuum_max_threshold": "7"}}, 200_000_050),
        (SETTINGS, {"rows": 1000.0, "options": {"autovacuum_vacuum_scale_factor": "0.01"}}, 60),
        (SETTINGS, {"rows": 1000.0, "options": {"autovacuum_vacuum_threshold": "500"}}, 700),
    ],
)
def test_the_limit_of_dead_rows_is_autovacuums(server: AutovacuumSettings, facts: dict[str, Any], limit: float) -> None:
    assert thresholds(server, table(**facts)).vacuum == pytest.approx(limit)


@pytest.mark.parametrize(
    ("facts", "limit"),
    [
        ({"rows": 10_000.0}, 3000),
        ({"rows": 10_000.0, "frozen": 0.75}, 1500),
        ({"rows": 10_000.0, "options": {"autovacuum_vacuum_insert_scale_factor": "0"}}, 1000),
        ({"rows": 10_000.0, "options": {"autovacuum_vacuum_insert_threshold": "-1"}}, None),
    ],
)
def test_the_limit_of_inserts_counts_what_is_not_frozen(facts: dict[str, Any], limit: float | None) -> None:
    assert thresholds(SETTINGS, table(**facts)).insert == (None if limit is None else pytest.approx(limit))


@pytest.mark.parametrize(("own", "limit"), [("100000", 100_000), ("900000000", 200_000_000)])
def test_a_tables_own_freeze_limit_counts_where_it_is_stricter(own: str, limit: int) -> None:
    options = {"autovacuum_freeze_max_age": own, "autovacuum_multixact_freeze_max_age": own}
    found = thresholds(SETTINGS, table(options=options))
    assert found.freeze == limit
    assert found.multixact == min(int(own), 400_000_000)


@pytest.mark.parametrize(
    ("facts", "urgency"),
    [
        ({}, None),
        ({"dead": 1000, "rows": 1e6}, None),
        ({"dead": 1001, "rows": 1e6}, Urgency.DEAD_ROWS),
        ({"dead": 50}, None),
        ({"dead": 51}, Urgency.DEAD_ROWS),
        ({"inserted": 1000}, None),
        ({"inserted": 1001}, Urgency.INSERTS),
        ({"inserted": 5000, "options": {"autovacuum_vacuum_insert_threshold": "-1"}}, None),
        ({"xid_age": 180_000_000}, None),
        ({"xid_age": 180_000_001}, Urgency.AGE),
        ({"mxid_age": 360_000_001}, Urgency.AGE),
        ({"xid_age": 200_000_001}, Urgency.OVER_AGE),
        ({"mxid_age": 400_000_001, "dead": 5000}, Urgency.OVER_AGE),
        ({"xid_age": 1_000_000_001}, Urgency.CRITICAL_AGE),
        ({"dead": 5000, "inserted": 5000}, Urgency.DEAD_ROWS),
    ],
)
def test_a_table_needs_a_vacuum_when(facts: dict[str, Any], urgency: Urgency | None) -> None:
    found = vacuum_need(SETTINGS, table(**facts), 1000)
    assert (found.urgency if found else None) == urgency


def test_the_reasons_are_said_with_their_numbers() -> None:
    found = need(dead=48_210, rows=1e6, inserted=300_000, xid_age=190_000_000)
    assert found.reasons == (
        "transaction age 190,000,000 of 200,000,000",
        "48,210 dead rows, not over autovacuum's limit of 200,050",
        "300,000 rows inserted since its last VACUUM",
    )


@pytest.mark.parametrize(
    ("failsafe", "age", "critical"),
    [
        (1_600_000_000, 1_000_000_000, False),
        (1_600_000_000, 1_000_000_001, True),
        (400_000_000, 300_000_000, False),
        (400_000_000, 300_000_001, True),
    ],
)
def test_an_age_is_critical_well_before_the_failsafe(failsafe: int, age: int, critical: bool) -> None:
    settings = replace(SETTINGS, failsafe_age=failsafe)
    assert age_is_critical(settings, age) is critical
    assert age_is_critical(settings, 1, age) is critical


def test_what_endangers_the_database_comes_first_then_most_dead_then_largest() -> None:
    needs = [
        need("inserts", inserted=5000),
        need("few", dead=2000, rows=1e6),
        need("small", dead=9000, pages=10),
        need("large", dead=9000, pages=1000),
        need("near", xid_age=190_000_000),
        need("over", xid_age=210_000_000),
        need("critical", xid_age=1_200_000_000),
    ]
    names = [found.table.table for found in in_order(needs)]
    assert names == ["critical", "over", "near", "large", "small", "few", "inserts"]
    waited = frozenset({needs[1].table.name, needs[0].table.name, needs[5].table.name})
    names = [found.table.table for found in in_order(needs, waited)]
    assert names == ["critical", "over", "near", "few", "inserts", "large", "small"], "who waited, within its danger"


@pytest.mark.parametrize(
    ("facts", "needed"),
    [
        ({"modified": 50}, False),
        ({"modified": 51}, True),
        ({"modified": 100, "rows": 1000.0}, False),
        ({"modified": 100, "rows": 1000.0, "options": {"autovacuum_analyze_scale_factor": "0.01"}}, True),
        ({"last_analyze": None, "last_vacuum": None}, False),
        ({"last_analyze": None, "last_vacuum": None, "pages": 1}, True),
        ({"last_analyze": None, "last_vacuum": None, "rows": -1.0}, True),
        ({"last_analyze": None, "pages": 1}, False),
    ],
)
def test_statistics_are_out_of_date_when(facts: dict[str, Any], needed: bool) -> None:
    assert needs_analyze(SETTINGS, table(**facts)) is needed


@pytest.mark.parametrize(
    ("analyzed", "members", "change", "stale"),
    [
        (None, None, False, True),
        (NOON, None, False, False),
        (NOON, NOON - dt.timedelta(hours=1), False, False),
        (NOON, NOON + dt.timedelta(hours=1), False, True),
        (NOON, None, True, True),
    ],
)
def test_a_parent_is_stale_when_its_partitions_moved_on(
    analyzed: dt.datetime | None, members: dt.datetime | None, change: bool, stale: bool
) -> None:
    assert parent_is_stale(analyzed, members, members_change=change) is stale


@pytest.mark.parametrize(
    ("options", "off"),
    [
        ({}, False),
        ({"autovacuum_enabled": "true"}, False),
        ({"autovacuum_enabled": "OFF"}, True),
        ({"autovacuum_enabled": "f"}, True),
    ],
)
def test_autovacuum_is_off_where_the_table_says_so(options: dict[str, str], off: bool) -> None:
    assert autovacuum_is_off(table(options=options)) is off
