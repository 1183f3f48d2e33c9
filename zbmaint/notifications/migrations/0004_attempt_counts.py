from django.db import migrations, models

COUNT = """
CREATE FUNCTION notifications_count_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notifications_attemptcount (transport, result, number) VALUES (NEW.transport, NEW.state, 1);
    RETURN NULL;
END
$$;
CREATE TRIGGER notifications_count_attempt AFTER UPDATE ON notifications_notice FOR EACH ROW
WHEN (NEW.transport = 'webhook' AND OLD.state = 'sending' AND NEW.state IN ('sent', 'failed', 'dead'))
EXECUTE FUNCTION notifications_count_attempt();
"""
BACK = """
DROP TRIGGER notifications_count_attempt ON notifications_notice;
DROP FUNCTION notifications_count_attempt();
"""
# How often attempts failed before is not known any more.
KNOWN = """
INSERT INTO notifications_attemptcount (transport, result, number)
SELECT transport, state, count(*) FROM notifications_notice
WHERE transport = 'webhook' AND state IN ('sent', 'dead') GROUP BY 1, 2
"""


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0003_claim_in_turn'),
    ]

    operations = [
        migrations.CreateModel(
            name='AttemptCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transport', models.CharField(max_length=20)),
                ('result', models.CharField(max_length=12)),
                ('number', models.PositiveBigIntegerField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(COUNT, BACK),
    ]
