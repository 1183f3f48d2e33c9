"""Tickets that were open before there were clocks get theirs: a stay in tier 1 from their beginning."""

from django.db import migrations

CLOCKS = """
INSERT INTO incidents_stint (ticket_id, tier_id, how, criterion, reason, entered_at, calendar, response_seconds,
                             response_due_at, response)
SELECT t.id, 1, 'opened', '', '', t.created_at, '{}', m.minutes * 60,
       t.created_at + m.minutes * interval '1 minute', ''
FROM incidents_ticket t
JOIN (VALUES ('critical', 15), ('high', 60), ('medium', 240), ('low', 1440)) AS m (severity, minutes)
  ON m.severity = t.severity
WHERE t.status IN ('open', 'in_progress');
UPDATE incidents_ticket t
SET due_at = s.response_due_at, due_clock = 'response', next_clock_at = now(),
    at_risk_at = s.entered_at + (s.response_due_at - s.entered_at) * 0.8
FROM incidents_stint s
WHERE s.ticket_id = t.id AND s.left_at IS NULL;
"""


class Migration(migrations.Migration):

    dependencies = [("incidents", "0002_desk")]

    operations = [migrations.RunSQL(CLOCKS, migrations.RunSQL.noop)]
