import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.functions.comparison
from django.db import migrations, models

from zbmaint.rollup import triggers

KIND = "tickets"
TICKET = "incidents_ticket"
MOMENTS = ("created_at", "resolved_at", "first_response_at")
WATCHED = ("severity", "tier_id", "resolution_code", "assignee_id")
# What the migration before has: with every change of `WATCHED`, the moments of all stays.
STINTS = """SELECT each.at FROM incidents_stint AS s,
    LATERAL (VALUES (s.entered_at), (s.left_at), (s.responded_at), (s.breached_at)) AS each (at)
    WHERE s.ticket_id IN {changed}"""
# Only the severity is that of all stays, and of every day on which the ticket was in the backlog, as far as any is rolled
# (whose clock may be ahead). In steps that no day is shorter than; what happened to a stay happened between its ends.
SEVERITY = """
CREATE FUNCTION incidents_ticket_severity_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollup_stale (kind, at)
    SELECT DISTINCT 'tickets', date_bin('15 minutes', moment.at, '2000-01-01 00:00+00')
    FROM before AS b JOIN after AS a ON a.id = b.id AND a.severity <> b.severity
        JOIN incidents_stint AS s ON s.ticket_id = a.id
        LEFT JOIN rollup_rolled AS rolled ON rolled.kind = 'tickets',
        LATERAL (
            SELECT generate_series(s.entered_at, coalesce(s.left_at, greatest(now(), rolled.at)), '23 hours')
            UNION ALL VALUES (s.entered_at), (s.left_at)
        ) AS moment (at)
    WHERE moment.at IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER incidents_ticket_severity_stale AFTER UPDATE ON incidents_ticket
REFERENCING OLD TABLE AS before NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION incidents_ticket_severity_stale();
"""
NO_SEVERITY = """
DROP TRIGGER incidents_ticket_severity_stale ON incidents_ticket;
DROP FUNCTION incidents_ticket_severity_stale();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0013_days'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='clockevent',
            index=models.Index(condition=models.Q(('clock', 'resolution'), ('threshold', 100), ('void_at__isnull', True)), fields=['moment'], name='resolution_missed'),
        ),
        migrations.AddIndex(
            model_name='stint',
            index=django.contrib.postgres.indexes.GistIndex(models.Func(django.db.models.functions.comparison.Least('entered_at', 'left_at'), models.F('left_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), name='stint_by_stay'),
        ),
        migrations.AddIndex(
            model_name='stint',
            index=models.Index(fields=['entered_at'], name='stint_by_entry'),
        ),
        migrations.AddIndex(
            model_name='stint',
            index=models.Index(condition=models.Q(('responded_at__isnull', False)), fields=['responded_at'], name='stint_by_response'),
        ),
        migrations.AddIndex(
            model_name='stint',
            index=models.Index(condition=models.Q(('breached_at__isnull', False)), fields=['breached_at'], name='stint_by_breach'),
        ),
        migrations.AddIndex(
            model_name='stint',
            index=models.Index(condition=models.Q(('breached_at__isnull', True), ('left_at__isnull', False), ('responded_at__isnull', True)), fields=['left_at'], name='stint_unanswered'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('resolved_at__isnull', False)), fields=['resolved_at'], name='ticket_by_resolution'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('first_response_at__isnull', False)), fields=['first_response_at'], name='ticket_by_response'),
        ),
        migrations.RunSQL(
            triggers.drop(KIND, TICKET) + triggers.create(KIND, TICKET, MOMENTS, WATCHED) + SEVERITY,
            NO_SEVERITY + triggers.drop(KIND, TICKET) + triggers.create(KIND, TICKET, MOMENTS, WATCHED, STINTS),
        ),
    ]
