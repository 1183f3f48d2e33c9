from django.db import migrations

from zbmaint.rollup import triggers

OUTAGE = "maintenance_outage"


class Migration(migrations.Migration):
    """An outage counts on the day on which it began, and is confirmed later."""

    dependencies = [
        ("maintenance", "0005_health_and_days"),
    ]

    operations = [
        migrations.RunSQL(
            triggers.create("services", OUTAGE, ("started_at",)),
            triggers.drop("services", OUTAGE),
        ),
    ]
