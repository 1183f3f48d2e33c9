import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zbmaint.rollup import triggers


KIND = "tickets"
TICKET, STINT, CLOCK = "incidents_ticket", "incidents_stint", "incidents_clockevent"
# The severity of a ticket is that of all its stays, however long ago.
STINTS = """SELECT each.at FROM incidents_stint AS s,
    LATERAL (VALUES (s.entered_at), (s.left_at), (s.responded_at), (s.breached_at)) AS each (at)
    WHERE s.ticket_id IN {changed}"""


class Migration(migrations.Migration):

    dependencies = [
        ('rollup', '0001_initial'),
        ('incidents', '0012_dismissed_deliveries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TicketDay',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'tier', 'severity', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('tier', models.PositiveSmallIntegerField()),
                ('severity', models.CharField(blank=True, max_length=10)),
                ('opened', models.PositiveIntegerField(default=0)),
                ('received', models.PositiveIntegerField(default=0)),
                ('escalated', models.PositiveIntegerField(default=0)),
                ('reopened', models.PositiveIntegerField(default=0)),
                ('resolved', models.PositiveIntegerField(default=0)),
                ('left_out', models.PositiveIntegerField(default=0, verbose_name='resolved as noise or duplicate')),
                ('responses_met', models.PositiveIntegerField(default=0)),
                ('responses_missed', models.PositiveIntegerField(default=0)),
                ('resolutions_met', models.PositiveIntegerField(default=0)),
                ('resolutions_missed', models.PositiveIntegerField(default=0)),
                ('unanswered', models.PositiveIntegerField(default=0, verbose_name='left the tier unanswered in time')),
                ('answers', models.BinaryField(default=b'')),
                ('resolutions', models.BinaryField(default=b'')),
                ('open', models.PositiveIntegerField(default=0)),
                ('open_unassigned', models.PositiveIntegerField(default=0)),
                ('open_unanswered', models.PositiveIntegerField(default=0)),
                ('open_age_median', models.PositiveBigIntegerField(null=True)),
                ('open_age_p90', models.PositiveBigIntegerField(null=True)),
                ('open_age_oldest', models.PositiveBigIntegerField(null=True)),
                ('unanswered_age_oldest', models.PositiveBigIntegerField(null=True)),
            ],
            options={
                'ordering': ['day', 'tier', 'severity'],
            },
        ),
        migrations.CreateModel(
            name='PersonDay',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'person_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('answered', models.PositiveIntegerField(default=0)),
                ('resolved', models.PositiveIntegerField(default=0)),
                ('open', models.PositiveIntegerField(default=0)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['day', 'person'],
            },
        ),
        migrations.RunSQL(
            triggers.create(
                KIND,
                TICKET,
                ("created_at", "resolved_at", "first_response_at"),
                ("severity", "tier_id", "resolution_code", "assignee_id"),
                STINTS,
            ),
            triggers.drop(KIND, TICKET),
        ),
        migrations.RunSQL(
            triggers.create(
                KIND,
                STINT,
                ("entered_at", "left_at", "responded_at", "breached_at"),
                ("tier_id", "how", "responded_by_id", "resolution_seconds"),
            ),
            triggers.drop(KIND, STINT),
        ),
        migrations.RunSQL(triggers.create(KIND, CLOCK, ("moment",), ("void_at",)), triggers.drop(KIND, CLOCK)),
    ]
