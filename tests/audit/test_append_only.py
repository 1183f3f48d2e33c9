"""The database itself keeps the audit log append-only, whoever asks."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tests.conftest import make_people
from zbmaint.audit.models import AuditEntry
from zbmaint.audit.record import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> AuditEntry:
    """An entry of just now."""
    viewer = make_people()["viewer"]
    return record("signed_in", viewer, viewer)


def execute(sql: str, *values: float) -> int:
    """Execute raw SQL in a transaction of its own; returns the number of rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Rows of this very transaction whose foreign keys are still to be checked would stop a TRUNCATE before us.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, values)
        changed: int = cursor.rowcount
    return changed


def age(days: float) -> AuditEntry:
    """An entry that is `days` old, written as it could have been then."""
    sql = """INSERT INTO audit_auditentry (at, actor_name, verb, target_kind, target_id, target_label)
             VALUES (now() - %s * interval '1 day', 'zbmaint', 'old', 'run', '1', 'Run 1')"""
    execute(sql, days)
    return AuditEntry.objects.latest("id")


def test_an_update_is_refused(entry: AuditEntry) -> None:
    with pytest.raises(ProgrammingError, match="append-only: UPDATE is refused"):
        execute("UPDATE audit_auditentry SET actor_name = 'nobody' WHERE id = %s", entry.pk)
    entry.refresh_from_db()
    assert entry.actor_name == "viewer"


def test_an_update_of_no_row_is_refused_too(entry: AuditEntry) -> None:
    with pytest.raises(ProgrammingError, match="UPDATE is refused"):
        execute("UPDATE audit_auditentry SET verb = 'x' WHERE false")


def test_an_update_of_an_old_entry_is_refused() -> None:
    with pytest.raises(ProgrammingError, match="UPDATE is refused"):
        execute("UPDATE audit_auditentry SET verb = 'x' WHERE id = %s", age(500).pk)


def test_saving_an_entry_again_is_refused(entry: AuditEntry) -> None:
    entry.verb = "signed_out"
    with pytest.raises(ProgrammingError, match="UPDATE is refused"), transaction.atomic():
        entry.save()


def test_a_truncate_is_refused(entry: AuditEntry) -> None:
    with pytest.raises(ProgrammingError, match="append-only: TRUNCATE is refused"):
        execute("TRUNCATE audit_auditentry")


def test_a_truncate_of_the_people_cannot_take_the_log_along(entry: AuditEntry) -> None:
    with pytest.raises(ProgrammingError, match="TRUNCATE is refused"):
        execute("TRUNCATE access_person CASCADE")


def test_deleting_an_entry_is_refused(entry: AuditEntry) -> None:
    with pytest.raises(ProgrammingError, match=f"entry {entry.pk} is not older than 400 days"):
        execute("DELETE FROM audit_auditentry WHERE id = %s", entry.pk)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        entry.delete()


def test_deleting_old_entries_together_with_a_young_one_deletes_none(entry: AuditEntry) -> None:
    old = age(500)
    with pytest.raises(ProgrammingError, match="append-only"):
        execute("DELETE FROM audit_auditentry")
    assert AuditEntry.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize(("days", "goes"), [(399.9, False), (400.1, True)])
def test_the_line_is_at_400_days(days: float, goes: bool) -> None:
    old = age(days)
    if goes:
        assert execute("DELETE FROM audit_auditentry WHERE id = %s", old.pk) == 1
    else:
        with pytest.raises(ProgrammingError, match="append-only"):
            execute("DELETE FROM audit_auditentry WHERE id = %s", old.pk)


def test_a_session_that_calls_itself_a_replica_is_refused_too(entry: AuditEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    for sql in ("UPDATE audit_auditentry SET verb = 'x'", "DELETE FROM audit_auditentry", "TRUNCATE audit_auditentry"):
        with pytest.raises(ProgrammingError, match="append-only"):
            execute(sql)


def test_a_person_with_entries_cannot_be_deleted(entry: AuditEntry) -> None:
    with pytest.raises(IntegrityError, match="foreign key"):
        execute("DELETE FROM access_person WHERE username = 'viewer'")
