"""The database itself keeps the audit log append-only.

UPDATE and TRUNCATE are always refused, DELETE unless an entry is older than 400 days, so that old ones can be purged.
ENABLE ALWAYS: the triggers also fire for a session that calls itself a replica.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""
KEEP = """
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.at > now() - interval '400 days' THEN
    RAISE EXCEPTION 'the audit log is append-only: entry % is not older than 400 days', OLD.id
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_auditentry FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditentry FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_no_early_delete BEFORE DELETE ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION audit_keep();
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER audit_no_update;
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER audit_no_truncate;
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER audit_no_early_delete;
"""
UNDO = """
DROP TRIGGER audit_no_update ON audit_auditentry;
DROP TRIGGER audit_no_truncate ON audit_auditentry;
DROP TRIGGER audit_no_early_delete ON audit_auditentry;
DROP FUNCTION audit_refuse(), audit_keep();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE + KEEP + TRIGGERS, UNDO)]
