"""The plan: what will be vacuumed and analysed, and why, before anything is changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from maintenance.rules.vacuum_need import (
    Need,
    TableState,
    age_is_critical,
    in_order,
    needs_analyze,
    parent_is_stale,
    vacuum_need,
)
from maintenance.tasks.database.analysis import Subject
from maintenance.tasks.database.statements import analyze_statement, vacuum_statement
from maintenance.tasks.database.survey import Parent, Server


@dataclass(frozen=True)
class Plan:
    """What is to be done: `vacuum` largest need first, `analyze` what changed without needing it, then `parents`."""

    vacuum: list[Need]
    analyze: list[Subject]
    parents: list[Subject]

    def critical(self, server: Server) -> set[int]:
        """The oids of the tables whose age endangers the database."""
        return {
            need.table.oid
            for need in self.vacuum
            if age_is_critical(server.settings, need.table.xid_age, need.table.mxid_age)
        }


def make_plan(
    server: Server, tables: list[TableState], parents: list[Parent], min_dead: int, waited: frozenset[str] = frozenset()
) -> Plan:
    """Decide what to do. VACUUM analyses its table too, so what is vacuumed is not analysed apart.

    Before PostgreSQL 18 the ANALYZE of a partitioned table also analyses its partitions, so these are left to it.
    """
    needs = [need for table in tables if (need := vacuum_need(server.settings, table, min_dead))]
    vacuumed = {need.table.oid for need in needs}
    changed = {table.oid for table in tables if needs_analyze(server.settings, table)}
    stale = [
        parent
        for parent in parents
        if parent_is_stale(
            parent.last_analyze,
            parent.members_analyzed,
            members_change=bool(parent.members & (vacuumed | changed)),
        )
    ]
    alone = server.number >= 180000
    covered = frozenset[int]().union(*(parent.members for parent in stale)) if stale and not alone else frozenset()
    return Plan(
        vacuum=in_order((replace(need, analyze=need.table.oid not in covered) for need in needs), waited),
        analyze=[
            Subject(table)
            for table in sorted(tables, key=lambda table: (-table.modified, table.name))
            if table.oid in changed - vacuumed - covered
        ],
        parents=[Subject(parent, only=alone) for parent in stale if alone or parent.is_root],
    )


def as_statements(plan: Plan, server: Server) -> list[dict[str, Any]]:
    """The statements of a plan as they would be sent, in order, with their reasons."""
    return [
        *(_analyze_row(subject, "rows changed") for subject in plan.analyze),
        *(_vacuum_row(need, server) for need in plan.vacuum),
        *(_analyze_row(subject, "partitions changed") for subject in plan.parents),
    ]


def _vacuum_row(need: Need, server: Server) -> dict[str, Any]:
    statement = vacuum_statement(need, server, need.table.schema, need.table.table)
    return {"table": need.table.name, "statement": statement.as_string(), "needed": "; ".join(need.reasons)}


def _analyze_row(subject: Subject, why: str) -> dict[str, Any]:
    table = subject.table
    statement = analyze_statement(table.schema, table.table, only=subject.only)
    return {"table": table.name, "statement": statement.as_string(), "needed": why}
