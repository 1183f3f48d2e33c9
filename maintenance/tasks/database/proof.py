"""Proof at the end: what was reported done is read once more from the server, and so is every table's age."""

from __future__ import annotations

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import count
from maintenance.rules.vacuum_need import age_is_critical, thresholds
from maintenance.rules.vacuum_verdict import DONE
from maintenance.task import Step
from maintenance.tasks.database.figures import check_other_databases
from maintenance.tasks.database.job import Job
from maintenance.tasks.database.survey import read_tables


def prove(job: Job, session: Session, step: Step) -> None:
    """Check the server's own record against the ledger; look for ages over their limit, in other databases too."""
    context, server, obstacles = job.context, job.server, job.obstacles
    tables = {table.oid: table for table in read_tables(session)}
    # What was dropped since has nothing left to prove.
    done = [oid for oid, result in job.ledger.closed().items() if result.result in DONE and oid in tables]
    proven = [oid for oid in done if (last := tables[oid].last_vacuum) is not None and last > server.now]
    for oid in sorted(set(done) - set(proven)):
        context.log(f"{tables[oid].name}: the server has no record of its vacuum", "error")
    for table in tables.values():
        limits = thresholds(server.settings, table)
        if table.xid_age > limits.freeze or table.mxid_age > limits.multixact:
            critical = age_is_critical(server.settings, table.xid_age, table.mxid_age)
            obstacles.age(table, limits, critical=critical)
    check_other_databases(session, server.settings, obstacles)
    left = sum(tables[oid].dead for oid in done)
    note = (
        f"{len(proven):,} of {count(len(done), 'vacuum')} on the server's record, {count(left, 'dead row')} in them now"
    )
    step.finish("passed" if len(proven) == len(done) else "failed", note)
