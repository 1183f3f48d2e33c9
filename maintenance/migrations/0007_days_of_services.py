from django.db import migrations

from zbmaint.rollup import triggers

OUTAGE = "maintenance_outage"
OWN_DATABASE = """UPDATE maintenance_probe SET critical = true
    WHERE kind = 'postgres' AND target_id IN (SELECT id FROM maintenance_target WHERE reference = 'own')"""


class Migration(migrations.Migration):
    """An outage counts on the day on which it began, and is confirmed later. What everything else needs is critical."""

    dependencies = [
        ("maintenance", "0005_health_and_days"),
    ]

    operations = [
        migrations.RunSQL(
            triggers.create("services", OUTAGE, ("started_at",)),
            triggers.drop("services", OUTAGE),
        ),
        migrations.RunSQL(OWN_DATABASE, migrations.RunSQL.noop),
    ]
