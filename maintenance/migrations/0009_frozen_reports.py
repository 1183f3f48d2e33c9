"""The database itself keeps a frozen report as it was frozen.

Only which run froze it may be forgotten, when that run is purged. DELETE is refused for 400 days, so that old ones can
be purged; TRUNCATE always. ENABLE ALWAYS: the trigger also fires for a session that calls itself a replica.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION weekly_report_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.id, NEW.week, NEW.starts, NEW.frozen_at, NEW.content, NEW.digest)
        IS NOT DISTINCT FROM (OLD.id, OLD.week, OLD.starts, OLD.frozen_at, OLD.content, OLD.digest)
        AND (NEW.run_id IS NULL OR NEW.run_id = OLD.run_id) THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the report of week % is frozen: UPDATE is refused', OLD.week
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF OLD.frozen_at < now() - interval '400 days' THEN
      RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the report of week % is frozen, and younger than 400 days: DELETE is refused', OLD.week
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RAISE EXCEPTION 'weekly reports are frozen: TRUNCATE is refused' USING ERRCODE = 'insufficient_privilege';
END $$;
"""
TRIGGERS = """
CREATE TRIGGER weekly_report_no_update BEFORE UPDATE ON maintenance_weeklyreport
  FOR EACH ROW EXECUTE FUNCTION weekly_report_refuse();
CREATE TRIGGER weekly_report_no_delete BEFORE DELETE ON maintenance_weeklyreport
  FOR EACH ROW EXECUTE FUNCTION weekly_report_refuse();
CREATE TRIGGER weekly_report_no_truncate BEFORE TRUNCATE ON maintenance_weeklyreport
  FOR EACH STATEMENT EXECUTE FUNCTION weekly_report_refuse();
ALTER TABLE maintenance_weeklyreport ENABLE ALWAYS TRIGGER weekly_report_no_update;
"""
UNDO = """
DROP TRIGGER weekly_report_no_update ON maintenance_weeklyreport;
DROP TRIGGER weekly_report_no_delete ON maintenance_weeklyreport;
DROP TRIGGER weekly_report_no_truncate ON maintenance_weeklyreport;
DROP FUNCTION weekly_report_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0008_health_reports")]
    operations = [migrations.RunSQL(REFUSE + TRIGGERS, UNDO)]
